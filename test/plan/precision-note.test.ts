import test from 'ava';
import { precisionNote } from '../../src/plan/precision-note.ts';
import { findDevice } from '../../src/profile/find-device.ts';

const cases = [
  ['Tesla-V100-SXM2-32GB', 'BF16', 'V100-SXM2-32GB computes BF16 at its FP32 rate; FP16 has 8 times the peak rate'],
  ['Tesla-V100-SXM2-32GB', 'FP16', undefined],
  ['Tesla-V100-SXM2-32GB', 'FP32', undefined],
  ['NVIDIA-TITAN-Xp', 'BF16', 'TITAN-Xp computes BF16 at its FP32 rate'],
  ['NVIDIA-H100-80GB-HBM3', 'BF16', undefined],
] as const;

for (const [product, precision, says] of cases) {
  test(`${precision} on ${product}`, (t) => {
    t.is(precisionNote(findDevice(product, null), precision), says);
  });
}
