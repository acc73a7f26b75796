import test from 'ava';
import { profilingProgram } from '../../../src/operator/profiling/program.ts';

const measures = test.macro(
  (t, template: Parameters<typeof profilingProgram>[0], expected: ReturnType<typeof profilingProgram>) => {
    t.deepEqual(profilingProgram(template), expected);
  },
);

const command = (runtime: string) => ({ command: [runtime, 'profile', '--serve'] });

test('the runtime itself', measures, { command: ['uniap-runtime', 'train', '--steps=1'] }, command('uniap-runtime'));
test('with its arguments apart', measures, { command: ['uniap-runtime'], args: ['train'] }, command('uniap-runtime'));
test('by its path', measures, { command: ['/opt/bin/uniap-runtime', 'train'] }, command('/opt/bin/uniap-runtime'));
test(
  'in a shell',
  measures,
  { command: ['sh', '-c', 'cd /data && exec /opt/uniap-runtime train'] },
  command('/opt/uniap-runtime'),
);
test(
  "as arguments of the image's entry point",
  measures,
  { args: ['uniap-runtime', 'train'] },
  { args: ['uniap-runtime', 'profile', '--serve'] },
);
test('another program', measures, { command: ['python', 'train.py', '--tool=uniap-runtime'] }, undefined);
test('a program whose name goes on', measures, { command: ['uniap-runtime-next', 'train'] }, undefined);
test("the image's own entry point", measures, {}, undefined);
