import test from 'ava';
import { UserError } from '../../src/api/errors.ts';
import { DEVICES } from '../../src/profile/devices.ts';
import { findDevice } from '../../src/profile/find-device.ts';

const MEBIBYTE = 2 ** 20;

/** Products as labels name them, and memory where the same source labels it. */
const PRODUCTS: readonly (readonly [product: string, mebibytes: number | null, device: string])[] = [
  // GPU Feature Discovery.
  ['NVIDIA-TITAN-Xp', 12288, 'TITAN-Xp'],
  ['Tesla-V100-SXM2-16GB', 16384, 'V100-SXM2-16GB'],
  ['Tesla-V100-SXM2-32GB', 32768, 'V100-SXM2-32GB'],
  ['Tesla-V100-PCIE-16GB', 16384, 'V100-PCIe-16GB'],
  ['NVIDIA-A100-SXM4-40GB', 40960, 'A100-SXM-40GB'],
  ['NVIDIA-A100-SXM4-80GB', 81920, 'A100-SXM-80GB'],
  ['NVIDIA-A100-PCIE-40GB', 40960, 'A100-PCIe-40GB'],
  ['NVIDIA-A100-80GB-PCIe', 81920, 'A100-PCIe-80GB'],
  ['NVIDIA-H100-80GB-HBM3', 81559, 'H100-SXM'],
  ['NVIDIA-H100-80GB-HBM3-SHARED', 81559, 'H100-SXM'],
  ['NVIDIA-H100-PCIe', 81559, 'H100-PCIe'],
  ['NVIDIA-H200', 143771, 'H200'],
  ['NVIDIA-B200', 183359, 'B200'],
  ['NVIDIA-GB200', 189471, 'GB200'],
  ['NVIDIA-L4', 23034, 'L4'],
  ['NVIDIA-L40S', 46068, 'L40S'],
  ['NVIDIA-A10G', 23028, 'A10G'],
  ['NVIDIA-GeForce-RTX-4090', 24564, 'RTX-4090'],
  // AMD's node labeller.
  ['AMD_Instinct_MI300X_OAM', 196608, 'MI300X'],
  // Karpenter on AWS, GKE, CoreWeave.
  ['a100', 40960, 'A100-SXM-40GB'],
  ['a100', 81920, 'A100-SXM-80GB'],
  ['v100', 16384, 'V100-SXM2-16GB'],
  ['l40s', 45776, 'L40S'],
  ['nvidia-tesla-a100', null, 'A100-SXM-40GB'],
  ['nvidia-a100-80gb', null, 'A100-SXM-80GB'],
  ['A100-80G', null, 'A100-SXM-80GB'],
  ['nvidia-h100-mega-80gb', null, 'H100-SXM'],
  ['nvidia-h200-141gb', null, 'H200'],
  ['A100_NVLINK_80GB', null, 'A100-SXM-80GB'],
  ['H100_NVLINK_80GB', null, 'H100-SXM'],
  ['A100_PCIE_40GB', null, 'A100-PCIe-40GB'],
];

for (const [product, mebibytes, device] of PRODUCTS) {
  test(`${product}${mebibytes === null ? '' : ` of ${mebibytes} MiB`} is ${device}`, (t) => {
    t.is(findDevice(product, mebibytes === null ? null : mebibytes * MEBIBYTE).name, device);
  });
}

test('every catalogue name finds its own entry', (t) => {
  for (const device of DEVICES) {
    t.is(findDevice(device.name, null).name, device.name);
  }
});

for (const product of ['NVIDIA-H100-NVL', 'NVIDIA-A100-SXM4-80GB-MIG-1g.10gb', 'NVIDIA-K80', 'NVIDIA-L40', '']) {
  test(`${product || 'an empty name'} is refused with what is known`, (t) => {
    const error = t.throws(() => findDevice(product, null), { instanceOf: UserError });
    t.true(error.message.includes(product));
    t.regex(error.message, /known are .*H100-SXM.*uniap\.dev\/node/);
  });
}

test('a product near to one that is known is asked after', (t) => {
  t.throws(() => findDevice('A1O0-SXM-40GB', null), { message: /did you mean A100-SXM-40GB\? known are / });
});
