import { readFile } from 'node:fs/promises';
import test from 'ava';
import { stringify } from 'yaml';
import { UserError } from '../../../src/api/errors.ts';
import { importProfiles, type ImportSettings } from '../../../src/cli/profile.ts';
import { measuredLayers } from '../../../src/profile/measured/measured-layers.ts';
import { measuredLinks } from '../../../src/profile/measured/measured-links.ts';
import { readProfiles, type Profiles } from '../../../src/profile/measured/read-profiles.ts';

const MEBIBYTE = 2 ** 20;

async function source(tool: 'galvatron' | 'piper', name: string) {
  return { file: name, text: await readFile(new URL(`${tool}/${name}`, import.meta.url), 'utf8') };
}

/** The profiles that the files of a tool become, printed and read again. */
async function imported(settings: ImportSettings, names: readonly string[]): Promise<Profiles> {
  const sources = await Promise.all(names.map((name) => source(settings.from, name)));
  const text = importProfiles(sources, settings).map((profile) => stringify(profile));
  return readProfiles(text.map((each) => ({ text: each, file: 'imported' })));
}

const galvatron = { from: 'galvatron' } as const;
const piper = { from: 'piper', samples: 8, sequenceLength: 512 } as const;

test("Galvatron's milliseconds for a sample are seconds of a micro-batch, forward", async (t) => {
  const { model } = await imported(galvatron, ['computation_profiling_bf16_llama2-7b_all.json']);
  t.is(model?.sequenceLength, 2048);
  t.is(model?.precision, 'BF16');
  const [block, others] = measuredLayers(model ?? { layers: [] });
  t.deepEqual(block?.names, ['block']);
  t.deepEqual(others?.names, ['embedding', 'head']);
  t.deepEqual(
    block?.forward.None.map(({ samples, value }) => [samples, value.toFixed(6)]),
    [
      [1, '0.004396'],
      [2, '0.008591'],
      [8, '0.031496'],
    ],
  );
  t.deepEqual(block?.backward.None, []);
});

test("Galvatron's mebibytes are bytes, by tensor degree and under recomputation", async (t) => {
  const { model } = await imported(galvatron, ['memory_profiling_bf16_llama2-7b_all.json']);
  const [block, first, last] = measuredLayers(model ?? { layers: [] });
  t.deepEqual([block, first, last].flatMap((layers) => layers?.names), ['block', 'embedding', 'head']); // prettier-ignore
  t.deepEqual(
    block?.activations.None.map(({ tensor, sequenceParallel, value }) => [tensor, sequenceParallel, value / MEBIBYTE]),
    [
      [1, true, 514.5634765625],
      [2, true, 273.28173828125],
      [4, true, 136.885498046875],
      [8, true, 68.3204345703125],
    ].map(([tensor, parallel, size]) => [tensor, parallel, Math.round(Number(size) * MEBIBYTE) / MEBIBYTE]),
  );
  t.deepEqual(
    block?.activations.Full.map(({ tensor, value }) => [tensor, value / MEBIBYTE]),
    [[1, 32]],
  );
  // 202.4 million, by the memory that one more layer takes.
  t.is(Math.round(Number(model?.layers[0]?.parameters) / 1e6), 204);
});

test('a file of several sequence lengths asks which', async (t) => {
  const names = ['computation_profiling_bf16_hidden1024_head16.json'];
  await t.throwsAsync(imported(galvatron, names), { instanceOf: UserError, message: /128, 512 by --sequence-length/ });
  await t.throwsAsync(imported({ ...galvatron, sequenceLength: 100 }, names), {
    message: /not measured .* 100 tokens/,
  });
  const { model } = await imported({ ...galvatron, sequenceLength: 512 }, names);
  t.is(model?.layers[0]?.times.length, 1);
});

test("Galvatron's links: times by size before bandwidths, neighbours and far ranks, one node and two", async (t) => {
  const { hardware } = await imported(galvatron, [
    'allreduce_bandwidth_1nodes_8gpus_per_node.json',
    'allreduce_bandwidth_2nodes_8gpus_per_node.json',
    'p2p_bandwidth_1nodes_8gpus_per_node.json',
    'p2p_bandwidth_2nodes_8gpus_per_node.json',
    'sp_time_1nodes_8gpus_per_node.json',
    'overlap_coefficient.json',
  ]);
  const links = measuredLinks(hardware ?? { collectives: [], pointToPoint: [], provenance: { tool: '' } });
  const eight = { size: 8, stride: 1, membersPerNode: 8 };
  t.is(links.collective('AllReduce', eight, 64 * MEBIBYTE), 0.6518999999999999 / 1000);
  t.is(links.collective('AllReduce', eight, 1), 0.07895 / 1000);
  t.is(links.collective('AllReduce', eight, 2048 * MEBIBYTE), 2 * (8.1409 / 1000));
  t.is(links.collective('AllToAll', eight, MEBIBYTE), 0.1124 / 1000);
  t.is(links.collective('AllReduce', eight, 32.5 * MEBIBYTE)?.toFixed(9), ((0.07895e-3 + 0.6519e-3) / 2).toFixed(9));
  // Eight pairs, each of one GPU of either node: 8.13 GB/s over the bus, to which a pair sends each byte once.
  t.is(links.collective('AllReduce', { size: 2, stride: 8, membersPerNode: 1 }, 8.13007e9), 1);
  t.is(links.collective('AllReduce', { size: 2, stride: 2, membersPerNode: 2 }, 1e9), undefined);
  t.is(links.send(4, false, 163.671e9), 1);
  t.is(links.send(8, true, 7.65998e9), 1);
  t.is(links.send(16, true, 1), undefined);
  t.is(links.computationSlowdown, 1.125552573612729);
});

test("Piper's times are split by what recomputation adds, and of equal layers the median counts", async (t) => {
  const { model } = await imported({ ...piper, device: 'A100-SXM-80GB' }, ['bert32a100.json']);
  t.is(model?.provenance.device, 'A100-SXM-80GB');
  const layers = measuredLayers(model ?? { layers: [] });
  t.deepEqual(layers.map(({ names, withExchange }) => [...names, withExchange]), [['embedding', true], ['block', true]]); // prettier-ignore
  const [, block] = layers;
  const seconds = [block?.forward, block?.backward].map((pass) => pass?.None.find(({ tensor }) => tensor === 2)?.value);
  // medians: 18.721 ms plain, 24.887 ms with recomputation.
  t.deepEqual(seconds.map((value) => value?.toFixed(6)), ['0.006166', '0.012555']); // prettier-ignore
  const kept = Array.from({ length: 4 }, () => [8, 48234496]);
  t.deepEqual(block?.activations.Full.map(({ samples, value }) => [samples, value]), kept); // prettier-ignore
});

test('files that are not what they should be are refused by name', async (t) => {
  const text = '{"overlap_coe": 1.1}';
  const refused = (settings: ImportSettings, file: string, content: string): string =>
    t.throws(() => importProfiles([{ file, text: content }], settings), { instanceOf: UserError }).message;
  t.regex(refused(galvatron, 'x/overlap.json', text), /^x\/overlap\.json: not called as Hetu-Galvatron's .* give comp/);
  t.regex(refused(galvatron, 'overlap_coefficient.json', '{'), /^overlap_coefficient\.json: not JSON/);
  t.regex(refused(galvatron, 'overlap_coefficient.json', '{"overlap_coe": 0.5}'), /overlap_coe: must be >= 1/);
  t.regex(refused(galvatron, 'p2p_bandwidth_1nodes_8gpus_per_node.json', text), /holds no entry that is known/);
  t.regex(
    refused(galvatron, 'computation_profiling_bf16_x.json', '{"layertype_0_bsz1_seq8": 1, "layertype_1_bsz1_seq8": 1, "layertype_2_bsz1_seq8": 1}'), // prettier-ignore
    /holds 3 types of layer; known are models with 1, 2, 4/,
  );
  t.regex(refused(piper, 'overlap_coefficient.json', text), /give one of Piper's input files/);
  t.regex(refused({ ...galvatron, samples: 8 }, 'x', text), /--samples is not used/);
  const { text: bert } = await source('piper', 'bert32a100.json');
  t.regex(refused({ from: 'piper' }, 'bert.json', bert), /does not say what a micro-batch was; give --samples/);
});

test('a profile with a fault is refused with the line, and a second of its kind too', async (t) => {
  const sources = [await source('galvatron', 'overlap_coefficient.json')];
  const text = importProfiles(sources, galvatron).map((profile) => stringify(profile)).join('---\n'); // prettier-ignore
  const read = (...texts: readonly string[]) => readProfiles(texts.map((each) => ({ text: each, file: 'p.yaml' })));
  t.is(read(text).hardware?.computationSlowdown, '1.125552573612729');
  t.throws(() => read(text, text), { message: /^p\.yaml: a second profile of the hardware/ });
  t.throws(() => read(text.replace('computationSlowdown', 'slowdown')), { message: /p\.yaml:\d+:\d+: spec\.slowdown: unknown field/ }); // prettier-ignore
  t.throws(() => read(text.replace('HardwareProfile', 'HardwareProfil')), {
    message: /holds no ModelProfile or HardwareProfile, only HardwareProfil; did you mean HardwareProfile\?/,
  });
});
