/** Estimates of runs in the form in which others publish them: bench/accuracy/README.md. */
import fc from 'fast-check';
import test from 'ava';
import { estimateRun, priceOfRun } from '../../src/estimate/estimate-run.ts';
import { readRun } from '../../src/estimate/run.ts';
import runs from '../../bench/accuracy/runs.json' with { type: 'json' };
import { outcomesOf } from '../../bench/accuracy/outcomes.ts';
import { summaries } from '../../bench/accuracy/summary.ts';

/** Llama 13B on 64 A100, a row as a source may give it. */
const RUN = {
  id: 'llama-13b',
  gpu: 'A100-SXM4-80GB',
  gpu_mem_gb: 80,
  gpus_per_node: 8,
  nodes: 8,
  gpus: 64,
  inter_gbps_per_node: 800,
  layers: 40,
  hidden: 5120,
  heads: 40,
  kv_heads: 40,
  ffn: 13824,
  ffn_type: 'swiglu',
  vocab: 32000,
  seq_len: 2048,
  tied_embeddings: false,
  precision: 'bf16',
  gbs: 2048,
  mbs: 1,
  tp: 2,
  pp: 2,
  vpp: 1,
  dp: 16,
  cp: 1,
  ep: 1,
  sp: false,
  zero_stage: 1,
  fsdp: 'no',
  recompute: 'none',
  flash_attention: true,
  compile: false,
};

function seconds(changes: Readonly<Record<string, unknown>>): number {
  return estimateRun({ ...RUN, ...changes }).stepTimeSeconds ?? NaN;
}

function bytes(changes: Readonly<Record<string, unknown>>): number {
  return estimateRun({ ...RUN, ...changes }).memoryBytesPerDevice ?? NaN;
}

test('tokens a second follow from the step', (t) => {
  const { stepTimeSeconds, tokensPerSecondPerGpu, fits, id } = estimateRun(RUN);
  t.is(id, 'llama-13b');
  t.is(fits, true);
  t.is(tokensPerSecondPerGpu, (2048 * 2048) / (stepTimeSeconds ?? NaN) / 64);
});

test('nothing that was measured is read', (t) => {
  for (const run of runs) {
    const other = {
      ...run,
      step_time_s: 1e6,
      tokens_per_s_per_gpu: 1,
      peak_mem_gib: 1e6,
      mem_kind: 'none',
      outcome: run.outcome === 'oom' ? 'ok' : 'oom',
    };
    t.deepEqual(estimateRun(other), estimateRun(run));
  }
});

test('a row says why it cannot be priced', (t) => {
  for (const [changes, reason] of [
    [{ cp: 2 }, 'cp: context parallelism of degree 2 is not modelled'],
    [{ ep: 8 }, 'ep: expert parallelism of degree 8 is not modelled'],
    [{ layers: null }, 'layers: not given; a run cannot be priced without it'],
    [{ pp: 64, tp: 1, dp: 1 }, 'layers: 40 are too few for 64 stages'],
    [{ layers: 1e9 }, 'layers: 1000000000 is more than 4096'],
    [{ dp: 3 }, 'gpus: tp 2 × pp 2 × dp 3 are not 64 GPUs'],
    [{ gbs: 2047 }, 'gbs: a batch of 2047 is no multiple of mbs 1 × dp 16 = 16'],
    [{ inter_gbps_per_node: 5e-324 }, 'what the run says makes its step last forever'],
    [{ hidden: 'wide' }, 'hidden: "wide" is not a positive number; use null where it is not known'],
    [{ hidden: 5000.5 }, 'hidden: 5000.5 is not a whole number; use null where it is not known'],
  ] as const) {
    t.deepEqual(estimateRun({ ...RUN, ...changes }), {
      id: 'llama-13b',
      stepTimeSeconds: null,
      tokensPerSecondPerGpu: null,
      memoryBytesPerDevice: null,
      fits: null,
      reason,
    });
  }
  t.regex(estimateRun({ ...RUN, gpu: 'TPU v4' }).reason ?? '', /TPU v4/);
  t.is(estimateRun('no run').reason, 'a run is an object, not "no run"');
  t.is(estimateRun(null).id, null);
});

test('nulls, and other spellings, are understood', (t) => {
  const bare = { kv_heads: null, vpp: null, cp: null, ep: null, sp: null, nodes: null, dp: null, compile: null };
  t.is(seconds(bare), seconds({}));
  t.is(seconds({ gpu: 'NVIDIA A100 80GB (SXM4)' }), seconds({}));
  t.is(seconds({ precision: 'amp_bf16' }), seconds({}));
  t.is(seconds({ flash_attention: 'v2' }), seconds({}));
  t.is(seconds({ recompute: 'full (every layer)' }), seconds({ recompute: 'full' }));
});

test('kernels are fused unless the program is PyTorch alone', (t) => {
  t.is(seconds({ framework: 'some trainer' }), seconds({}));
  t.is(seconds({ framework: 'DeepSpeed' }), seconds({}));
  const eager = seconds({ framework: 'PyTorch FSDP' });
  t.true(eager > 1.1 * seconds({}));
  t.is(
    seconds({ framework: 'torchtitan', compile: true, precision: 'bf16' }),
    seconds({ compile: true, framework: 'titan' }),
  );
  const withKernel = seconds({ framework: 'PyTorch FSDP', notes: 'RMSNorm kernel' });
  t.true(withKernel < eager && withKernel > seconds({}));
});

/** What a step takes besides its price. */
function besides(changes: Readonly<Record<string, unknown>>): number {
  const run = { ...RUN, ...changes };
  return (estimateRun(run).stepTimeSeconds ?? NaN) - priceOfRun(readRun(run)).stepSeconds;
}

test('InternEvo splits states inside a node unless a run is named otherwise, and gathers parameters by turns', (t) => {
  const run = { tp: 1, pp: 1, dp: 64, framework: 'InternEvo' };
  const unnamed = estimateRun({ ...RUN, ...run });
  const [eight, all] = ['a-z8-64g', 'a-z-1-64g'].map((id) => estimateRun({ ...RUN, ...run, id }));
  t.is(unnamed.stepTimeSeconds, eight?.stepTimeSeconds ?? null);
  t.true((all?.memoryBytesPerDevice ?? NaN) < (eight?.memoryBytesPerDevice ?? NaN));
  t.true(besides({ ...run, id: 'a-z-1-64g' }) > 10 * besides({ ...run, id: 'a-z8-64g' }));
  t.is(besides({ ...run, framework: 'Nanotron' }), 0);
});

test('stages of 1F1B wait for transfers', (t) => {
  const slow = { layers: 38, pp: 4, dp: 8, inter_gbps_per_node: 25 };
  t.true(besides(slow) > 0.01 * seconds(slow));
  t.is(besides({ ...slow, layers: 48, vpp: 3 }), 0);
  t.is(besides({ ...slow, pp: 1, dp: 32 }), 0);
});

test('links are those that a row names', (t) => {
  t.true(seconds({ tp: 8, dp: 4, intra_link: 'PCIe 4.0' }) > 1.5 * seconds({ tp: 8, dp: 4 }));
  t.is(seconds({ tp: 8, dp: 4, intra_link: 'NVLink (PCIe to the host)' }), seconds({ tp: 8, dp: 4 }));
  t.true(seconds({ inter_link: '100GbE' }) > seconds({}));
});

test('whatever stands in a row, something is said of it', (t) => {
  const field = fc.constantFrom(...Object.keys(RUN));
  const value = fc.oneof(fc.constant(null), fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.constant([]));
  fc.assert(
    fc.property(fc.dictionary(field, value), (changes) => {
      const { stepTimeSeconds, reason } = estimateRun({ ...RUN, ...changes });
      return stepTimeSeconds === null ? reason !== undefined : stepTimeSeconds > 0;
    }),
  );
  t.pass();
});

test('what costs time and what saves memory', (t) => {
  t.true(seconds({ recompute: 'full' }) > 1.2 * seconds({}));
  t.true(seconds({ flash_attention: false }) > 1.05 * seconds({}));
  t.true(seconds({ flash_attention: 'v1' }) > seconds({ flash_attention: 'v2' }));
  t.is(seconds({ notes: 'with flash_attn 1.0.8' }), seconds({ flash_attention: 'v1' }));
  t.is(seconds({ notes: 'flash_attn2, RMSNorm kernel' }), seconds({}));
  t.true(seconds({ notes: 'flash_attn2 without RMSNorm kernel' }) > seconds({}));
  t.true(bytes({ notes: 'RMSNorm kernel: off' }) > bytes({}));
  t.true(seconds({ pp: 8, dp: 4 }) > seconds({}));
  t.true(seconds({ pp: 8, dp: 4, vpp: 5 }) < seconds({ pp: 8, dp: 4 }));
  t.true(bytes({ recompute: 'full' }) < bytes({ recompute: 'none' }));
  t.true(bytes({ flash_attention: false, recompute: 'selective' }) < bytes({ flash_attention: false }));
  t.true(bytes({ sp: true }) < bytes({}));
  t.true(bytes({ zero_stage: 3, fsdp: 'FULL_SHARD' }) < bytes({ zero_stage: 2, fsdp: 'SHARD_GRAD_OP' }));
  t.true(bytes({ zero_stage: 2, fsdp: 'SHARD_GRAD_OP' }) < bytes({}));
  t.true(bytes({}) < bytes({ zero_stage: 0 }));
  t.true(bytes({ precision: 'bf16 (fp32 grad accumulation)' }) > bytes({}));
  t.false(estimateRun({ ...RUN, tp: 1, pp: 1, dp: 64, mbs: 8 }).fits);
});

/** What docs/accuracy.md says of each source that was measured well enough; those left out are told of there. */
const BOUNDS: readonly (readonly [source: RegExp, error: number])[] = [
  [/InternEvo/, 0.08],
  [/dgxc/, 0.05],
  [/bigscience, A100/, 0.09],
  [/llm-foundry, A100-SXM-40GB/, 0.06],
  [/llm-foundry, A100-SXM-80GB/, 0.05],
  [/llm-foundry, H100/, 0.06],
  [/Korthikanti/, 0.1],
];

const BY_SOURCE = summaries(outcomesOf(runs));

for (const [source, error] of BOUNDS) {
  test(`step times of ${source.source} are within ${100 * error}% on average`, (t) => {
    const found = BY_SOURCE.find((summary) => source.test(summary.source));
    t.true((found?.absoluteError ?? 1) < error, String(found?.absoluteError));
  });
}

test('of all runs: memory within 10% on average, and verdicts right for at least 95%', (t) => {
  const all = BY_SOURCE.at(-1);
  if (all === undefined) return t.fail('there are no runs');
  t.is(all.declined, 0);
  t.true((all.memoryError ?? 1) < 0.1, String(all.memoryError));
  t.true(all.right >= 0.95 * all.verdicts, `${all.right} of ${all.verdicts}`);
});
