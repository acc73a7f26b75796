/** A page about a plan that can be sent to a colleague: one file, without scripts and without anything from elsewhere. */
import { PACKAGE_VERSION } from '../../api/version.ts';
import { proofFacts } from '../describe.ts';
import { summarizePlan } from '../summary.ts';
import { formatBytes, formatCount, formatNumber, formatSeconds, formatShare } from '../units.ts';
import type { Section } from './figure.ts';
import { html, type Html, trusted } from './html.ts';
import { CONTENT_SECURITY_POLICY } from './policy.ts';
import { alternativesSection } from './sections/alternatives.ts';
import { layersSection } from './sections/layers.ts';
import { memorySection } from './sections/memory.ts';
import { searchSection } from './sections/search.ts';
import { timeSection } from './sections/time.ts';
import { timelineSection } from './sections/timeline.ts';
import { topologySection } from './sections/topology.ts';
import { STYLE } from './style.ts';
import type { Subject } from './subject.ts';

const SECTIONS: readonly ((subject: Subject) => Section | null)[] = [
  timelineSection,
  timeSection,
  memorySection,
  layersSection,
  topologySection,
  searchSection,
  alternativesSection,
];

/** In one piece: the policy above is for its text to the letter. */
const STYLE_ELEMENT = trusted(`<style>${STYLE}</style>`);

/** The same for the same subject. */
export function reportPage(subject: Subject): string {
  const sections = SECTIONS.map((section) => section(subject)).filter((section) => section !== null);
  const title = `${subject.name}: ${summarizePlan(subject.plan)}`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="uniap ${PACKAGE_VERSION}" />
        <title>${title}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        ${headerOf(subject)}
        <nav aria-label="Sections">
          <ul>
            ${sections.map(({ id, title: name }) => html`<li><a href="#${id}">${name}</a></li>`)}
          </ul>
        </nav>
        <main>
          ${sections.map(
            ({ id, title: name, body }) =>
              html`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${name}</h2>
                ${body}
              </section> `,
          )}
        </main>
        <footer>
          Made by uniap ${PACKAGE_VERSION}. Times and bytes are predictions of its cost model; what is proved is that,
          by those predictions, no plan is better.
        </footer>
      </body>
    </html> `.markup;
}

function headerOf({ name, plan, site, price }: Subject): Html {
  const { workload } = site;
  const device = workload.hardware.device.name;
  const { stepSeconds } = price;
  const samplesPerSecond = plan.globalBatchSize / stepSeconds;
  const { tokensPerSample } = workload.model;
  const facts = [
    {
      name: 'one step',
      value: formatSeconds(stepSeconds),
      note: `${formatCount(plan.globalBatchSize, 'sample')}, predicted`,
    },
    {
      name: tokensPerSample === null ? 'samples a second' : 'tokens a second',
      value: formatNumber(tokensPerSample === null ? samplesPerSecond : Math.round(samplesPerSecond * tokensPerSample)),
      note: tokensPerSample === null ? '' : `${formatNumber(samplesPerSecond)} samples a second`,
    },
    {
      name: 'of peak FLOP/s (MFU)',
      value: formatShare(Number(plan.predicted?.modelFlopsUtilisation ?? 0)),
      note: `${workload.training.precision} on ${device}`,
    },
    {
      name: 'memory of the fullest GPU',
      value: formatBytes(price.memoryBytes),
      note: `of ${formatBytes(price.usableBytes)} that may be used`,
    },
    {
      name: 'GPUs',
      value: formatNumber(plan.gpus),
      note: `${formatCount(site.allocation.nodes.length, 'node')} of ${site.allocation.gpusPerNode} ${device}`,
    },
  ];
  return html`<header>
    <p class="eyebrow">Parallel plan</p>
    <h1>${name}</h1>
    <p class="lead">${sentenceOf(plan, device)}</p>
    ${proofOf(plan)}
    <dl class="facts">
      ${facts.map(
        (fact) =>
          html`<div>
            <dt>${fact.name}</dt>
            <dd>${fact.value}<small>${fact.note}</small></dd>
          </div>`,
      )}
    </dl>
  </header>`;
}

function sentenceOf(plan: Subject['plan'], device: string): Html {
  const { model, gpus, stages, microBatches, schedule } = plan;
  const batch = microBatches === 1 ? 'the batch whole' : `the batch in ${formatNumber(microBatches)} micro-batches`;
  const order = stages.length === 1 ? '' : `, under ${schedule}`;
  return html`${model ?? 'The model'} on ${formatCount(gpus, `${device} GPU`)} as <b>${summarizePlan(plan)}</b>,
    ${batch}${order}.`;
}

/** A gap is left where time ran out. */
function proofOf(plan: Subject['plan']): Html {
  const facts = proofFacts(plan);
  if (facts.length === 0)
    return html`<p class="proof open">Supplied by its user and checked; nothing is proved of other plans.</p>`;
  const open = Number(plan.proof?.relativeGap) > 1e-6;
  const sentences = facts.map(([name, text]) => html`<b>${capital(name)}:</b> ${text}. `);
  return html`<p class="${open ? 'proof open' : 'proof'}">${sentences}</p>`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
