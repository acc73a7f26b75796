/** What was measured of a layer in place of what the catalogue predicts. */
import { figureAt, type Expected, type Figure, type Shape } from '../profile/measured/figure.ts';
import type { MeasuredLayers, Recomputation } from '../profile/measured/measured-layers.ts';
import type { Layer } from '../model/layer.ts';
import { predictedWork, type OwnWork } from './predicted-work.ts';
import type { Workload } from './workload.ts';

/** What a rank's own work on one micro-batch of a layer takes: measured where it was, else predicted. */
export function ownWork(layer: Layer, shape: Shape, workload: Workload): OwnWork {
  const profiles = workload.measured?.filter(({ names }) => names.includes(layer.kind)) ?? [];
  return profiles.reduce(
    (work, profile) => {
      const expecting = expectations(layer, profile, workload);
      return {
        ...work,
        ...measuredSeconds(profile, shape, work, expecting),
        ...measuredBytes(profile, shape, work, expecting),
      };
    },
    predictedWork(layer, shape, workload),
  );
}

/** What is predicted of a layer, and of all that were measured with it. */
function expectations(layer: Layer, { names }: MeasuredLayers, workload: Workload): Expecting {
  const together = names.flatMap((name) => workload.model.layers.find(({ kind }) => kind === name) ?? []);
  return (figure) => ({
    one: (shape) => figure(predictedWork(layer, shape, workload)),
    together: (shape) => together.reduce((sum, other) => sum + figure(predictedWork(other, shape, workload)), 0),
  });
}

type Expecting = (figure: (work: OwnWork) => number) => Expected;

function measuredSeconds(
  { forward, backward, withExchange }: MeasuredLayers,
  shape: Shape,
  work: OwnWork,
  expected: Expecting,
): Partial<OwnWork> {
  const secondsOf = (pass: 'forward' | 'backward') => (of: OwnWork) =>
    of.arithmetic[pass] + (withExchange ? of.exchange[pass] : 0);
  const repeatedOf = ({ repeated: { Full } }: OwnWork) => Full.arithmetic + (withExchange ? Full.exchange : 0);
  const figure = (figures: readonly Figure[], of: (work: OwnWork) => number) => figureAt(figures, shape, expected(of));

  const forwards = figure(forward.None, secondsOf('forward'));
  if (forwards === undefined) {
    return {};
  }
  const predicted = secondsOf('forward')(work);
  const pace = predicted === 0 ? 1 : forwards / predicted; // a layer of which nothing is predicted says nothing of the device
  const backwards = figure(backward.None, secondsOf('backward')) ?? pace * secondsOf('backward')(work);
  const recomputing = figure(backward.Full, (of) => secondsOf('backward')(of) + repeatedOf(of));
  // Two measurements may differ by more than what they measure.
  const again = recomputing === undefined ? forwards : Math.max(0, recomputing - backwards);
  return {
    arithmetic: { forward: forwards, backward: backwards },
    exchange: withExchange ? { forward: 0, backward: 0 } : work.exchange,
    repeated: {
      None: work.repeated.None,
      Selective: { ...work.repeated.Selective, arithmetic: pace * work.repeated.Selective.arithmetic },
      Full: { arithmetic: again, exchange: withExchange ? 0 : work.repeated.Full.exchange },
    },
  };
}

function measuredBytes(
  { activations }: MeasuredLayers,
  shape: Shape,
  work: OwnWork,
  expected: Expecting,
): Pick<OwnWork, 'activations'> {
  const bytes = (kept: Recomputation): number =>
    figureAt(
      activations[kept],
      shape,
      expected((of) => of.activations[kept]),
    ) ?? work.activations[kept];
  // Whichever of them were measured, recomputation keeps no more than what there is.
  const all = bytes('None');
  return {
    activations: { None: all, Selective: Math.min(all, bytes('Selective')), Full: Math.min(all, bytes('Full')) },
  };
}
