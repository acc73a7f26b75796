/** The life of a pod on a node: its volumes, its processes, what is reported of it, its end. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { V1Container, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { waitFor } from '../wait-for.ts';
import { type Container, type ContainerSpec, startContainer } from './container.ts';
import { environmentOf, expand } from './environment.ts';
import { resolveHostName } from './host-names.ts';
import type { NamedObjects } from './named-objects.ts';
import { ended, type End, refused, running, starting } from './pod-status.ts';
import { killPod, MARK } from './processes.ts';
import { type Mount, rewriting } from './rewriting.ts';
import { makeVolumes } from './volumes.ts';

const MESSAGE_PATH = '/dev/termination-log';
/** For objects that the pod names to be there, and for peers to have addresses. */
const START_TIMEOUT_MS = 600_000;

/** What a pod's processes find around them. */
export interface Surroundings {
  readonly objects: NamedObjects;
  /** For the pod alone: volumes, logs, termination messages. */
  readonly folder: string;
  readonly hostFolder: string;
  /** The address that is the pod's alone. */
  readonly address: string;
  /** Instead of the port at which a gang meets: on one machine, gangs need different ones. */
  readonly masterPort: number;
  /** Variables that the image sets. */
  readonly imageEnvironment: Readonly<Record<string, string>>;
  readonly report: (status: V1PodStatus) => Promise<void>;
}

type WithVolumes = Surroundings & { readonly volumes: ReadonlyMap<string, string> };

export interface PodRun {
  readonly nodeName: string;
  /** Resolves when no process is left and the end is reported. */
  readonly done: Promise<void>;
  /** Ends the pod as a kubelet does: it asks, waits, and kills what is left. */
  end(graceSeconds: number): Promise<void>;
  /** Ends the pod as a power cut does: nothing is reported. */
  kill(): Promise<void>;
}

export function runPod(pod: V1Pod, around: Surroundings): PodRun {
  const uid = pod.metadata?.uid ?? '';
  const stopping = new AbortController();
  const containers: Container[] = [];
  let isSilent = false;
  const report = async (status: V1PodStatus) => {
    if (!isSilent) await around.report(status);
  };

  const live = async (): Promise<void> => {
    checkRunnable(pod);
    await report(starting(pod, around.address));
    const specs = await waitFor(() => containerSpecs(pod, around), {
      describe: `what pod ${pod.metadata?.name ?? ''} needs`,
      timeout: START_TIMEOUT_MS,
      signal: stopping.signal,
    });
    stopping.signal.throwIfAborted();
    const ends = [...specs].map(([name, spec]) => {
      const container = startContainer(spec);
      containers.push(container);
      return container.ended.then((end): [string, End] => [name, end]);
    });
    await report(running(pod));
    const byName = new Map(await Promise.all(ends));
    await killPod(uid);
    await report(ended(pod, byName));
  };
  const done = live().catch(async (error: unknown) => {
    if (!stopping.signal.aborted) await report(refused(String(error)));
  });

  return {
    nodeName: pod.spec?.nodeName ?? '',
    done,
    end: async (graceSeconds) => {
      stopping.abort();
      for (const container of containers) container.terminate();
      const graceEnded = new AbortController();
      const outOfPatience = delay(graceSeconds * 1000, undefined, { signal: graceEnded.signal }).then(
        () => killPod(uid),
        () => undefined,
      );
      await done;
      graceEnded.abort();
      await outOfPatience;
    },
    kill: async () => {
      isSilent = true;
      stopping.abort();
      await killPod(uid);
      await done;
    },
  };
}

/** @throws Error where waiting would not help. */
function checkRunnable({ spec }: V1Pod): void {
  if ((spec?.initContainers ?? []).length > 0) throw new Error('the test agent runs no init containers');
  const imageless = spec?.containers.find(({ command = [] }) => command.length === 0);
  if (imageless !== undefined) {
    throw new Error(`container ${imageless.name} has no command, and there is no image that has one`);
  }
}

/** Makes what the containers need, and says how to start each. */
async function containerSpecs(pod: V1Pod, around: Surroundings): Promise<ReadonlyMap<string, ContainerSpec>> {
  const { folder, hostFolder, objects, address } = around;
  await mkdir(folder, { recursive: true });
  const withAddress = Object.assign({}, pod, {
    status: Object.assign({}, pod.status, { podIP: address, hostIP: '127.0.0.1' }),
  });
  const volumes = await makeVolumes(withAddress, { folder: join(folder, 'volumes'), hostFolder }, objects);
  const specs = (pod.spec?.containers ?? []).map(
    async (container) => [container.name, await containerSpec(container, withAddress, { ...around, volumes })] as const,
  );
  return new Map(await Promise.all(specs));
}

async function containerSpec(container: V1Container, pod: V1Pod, around: WithVolumes): Promise<ContainerSpec> {
  const { name, command = [], args = [], workingDir, terminationMessagePath = MESSAGE_PATH } = container;
  const messageFile = join(around.folder, `${name}.termination-message`);
  await writeFile(messageFile, '');
  const rewrite = rewriting([
    ...mountsOf(container, around.volumes),
    { inside: terminationMessagePath, outside: messageFile },
  ]);
  const namespace = pod.metadata?.namespace ?? '';
  const translate = async (text: string) => rewrite(await resolveHostName(text, namespace, around.objects));

  const environment: Record<string, string> = { ...ownVariables(pod) };
  const given = { ...around.imageEnvironment, ...(await environmentOf(container, pod, around.objects)) };
  for (const [key, value] of Object.entries(given)) {
    environment[key] = isMasterPort(key) ? String(around.masterPort) : await translate(value);
  }
  return {
    command: await Promise.all([...command, ...args].map((text) => translate(expand(text, environment)))),
    workingDirectory: workingDir === undefined ? around.folder : rewrite(workingDir),
    environment,
    logFile: join(around.folder, `${name}.log`),
    messageFile,
  };
}

function ownVariables({ metadata }: V1Pod): Readonly<Record<string, string>> {
  return { HOSTNAME: metadata?.name ?? '', [MARK]: metadata?.uid ?? '' };
}

function mountsOf({ volumeMounts = [] }: V1Container, volumes: ReadonlyMap<string, string>): readonly Mount[] {
  return volumeMounts.flatMap(({ name, mountPath, subPath = '' }) => {
    const folder = volumes.get(name);
    return folder === undefined ? [] : [{ inside: mountPath, outside: join(folder, subPath) }];
  });
}

/** torch listens at it on every address of the machine, not on the pod's alone. */
function isMasterPort(variable: string): boolean {
  return variable === 'MASTER_PORT' || variable === 'PET_MASTER_PORT';
}
