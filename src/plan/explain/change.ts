import type { Site } from '../site.ts';

/** A site on which something is otherwise, and what, for people. */
export interface Change {
  readonly title: string;
  readonly site: Site;
  /** The plan explained could run there too, so that there is a plan at least as good as that. */
  readonly keepsPlan?: true;
  /** No plan is known to take fewer seconds than this. */
  readonly lowerBound?: number;
}

/** The site with other choices of planning. */
export function replanned(site: Site, planning: Partial<Site['workload']['planning']>): Site {
  return changed(site, { planning: { ...site.workload.planning, ...planning } });
}

export function changed(site: Site, workload: Partial<Site['workload']>): Site {
  return { ...site, workload: { ...site.workload, ...workload } };
}
