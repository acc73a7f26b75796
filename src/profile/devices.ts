/**
 * The catalogue. Peak rates, bandwidth and multiprocessors are those of the document named as source, without sparsity;
 * memory is what the driver reports. Measured matrix efficiencies are the maxima over shapes that Stas Bekman's "Machine
 * Learning Engineering" lists (compute/accelerator/README.md, "Maximum Achievable Matmul FLOPS", BF16).
 */
import type { Device, Precision } from './device.ts';

const TERA = 1e12;
const GIGA = 1e9;
const MEBIBYTE = 2 ** 20;

/** Rates in TFLOP/s, for devices whose matrix units take both 16-bit formats. */
function tensorCores(halfPrecision: number, singlePrecision: number): Readonly<Record<Precision, number>> {
  return { FP32: singlePrecision * TERA, FP16: halfPrecision * TERA, BF16: halfPrecision * TERA };
}

const TITAN_XP: Device = {
  name: 'TITAN-Xp',
  family: 'titan xp',
  form: null,
  memoryBytes: 12196 * MEBIBYTE,
  // No matrix units; native FP16 arithmetic runs at 1/64 of FP32 (CUDA C++ Programming Guide, compute capability 6.1).
  flopsPerSecond: { FP32: 12.15 * TERA, FP16: 12.15 * TERA, BF16: 12.15 * TERA },
  memoryBytesPerSecond: 547.7 * GIGA,
  multiprocessors: 30,
  powerBound: false,
  measuredMatrixEfficiency: null,
  measuredAttentionEfficiency: null,
  link: 'PCIe-3',
  source: 'NVIDIA TITAN Xp product page',
};

const V100_SXM2_16GB: Device = {
  name: 'V100-SXM2-16GB',
  family: 'v100',
  form: 'SXM',
  memoryBytes: 16384 * MEBIBYTE,
  // Its tensor cores take FP16 only.
  flopsPerSecond: { FP32: 15.7 * TERA, FP16: 125 * TERA, BF16: 15.7 * TERA },
  memoryBytesPerSecond: 900 * GIGA,
  multiprocessors: 80,
  powerBound: false,
  measuredMatrixEfficiency: null,
  measuredAttentionEfficiency: null,
  link: 'NVLink-2',
  source: 'NVIDIA V100 Tensor Core GPU data sheet (2020)',
};

const V100_SXM2_32GB: Device = { ...V100_SXM2_16GB, name: 'V100-SXM2-32GB', memoryBytes: 32768 * MEBIBYTE };

const V100_PCIE_16GB: Device = {
  ...V100_SXM2_16GB,
  name: 'V100-PCIe-16GB',
  form: 'PCIe',
  flopsPerSecond: { FP32: 14 * TERA, FP16: 112 * TERA, BF16: 14 * TERA },
  link: 'PCIe-3',
};

const V100_PCIE_32GB: Device = { ...V100_PCIE_16GB, name: 'V100-PCIe-32GB', memoryBytes: 32768 * MEBIBYTE };

const A100_SXM_40GB: Device = {
  name: 'A100-SXM-40GB',
  family: 'a100',
  form: 'SXM',
  memoryBytes: 40960 * MEBIBYTE,
  flopsPerSecond: tensorCores(312, 19.5),
  memoryBytesPerSecond: 1555 * GIGA,
  multiprocessors: 108,
  powerBound: false,
  measuredMatrixEfficiency: 0.8692,
  measuredAttentionEfficiency: 0.73,
  link: 'NVLink-3',
  source: 'NVIDIA A100 Tensor Core GPU data sheet (2021)',
};

const A100_SXM_80GB: Device = {
  ...A100_SXM_40GB,
  name: 'A100-SXM-80GB',
  memoryBytes: 81920 * MEBIBYTE,
  memoryBytesPerSecond: 2039 * GIGA,
};

const A100_PCIE_40GB: Device = {
  ...A100_SXM_40GB,
  name: 'A100-PCIe-40GB',
  form: 'PCIe',
  measuredMatrixEfficiency: 0.8106,
  link: 'PCIe-4',
};

const A100_PCIE_80GB: Device = {
  ...A100_PCIE_40GB,
  name: 'A100-PCIe-80GB',
  memoryBytes: 81920 * MEBIBYTE,
  memoryBytesPerSecond: 1935 * GIGA,
};

const H100_SXM: Device = {
  name: 'H100-SXM',
  family: 'h100',
  form: 'SXM',
  memoryBytes: 81559 * MEBIBYTE,
  flopsPerSecond: tensorCores(989.4, 66.9),
  memoryBytesPerSecond: 3350 * GIGA,
  multiprocessors: 132,
  powerBound: true,
  measuredMatrixEfficiency: 0.8033,
  measuredAttentionEfficiency: 0.34,
  link: 'NVLink-4',
  source: 'NVIDIA H100 Tensor Core GPU Architecture whitepaper, table 2',
};

/**
 * What a lower power limit leaves of the clock, and so of every rate: power grows with the clock and the square of the voltage,
 * which grows with the clock, so with the third power of the clock (Weste and Harris, CMOS VLSI Design, section 5.1).
 */
function clockAt(watts: number, limit: number): number {
  return (watts / limit) ** (1 / 3);
}

const H100_500W = clockAt(500, 700);

/** Of Meta's Grand Teton servers. Six stacks of the memory of which H100-PCIe has five. */
const H100_SXM_96GB: Device = {
  ...H100_SXM,
  name: 'H100-SXM-96GB-500W',
  memoryBytes: 97871 * MEBIBYTE,
  memoryBytesPerSecond: (6 / 5) * 2000 * GIGA,
  measuredMatrixEfficiency: 0.8033 * H100_500W,
  measuredAttentionEfficiency: 0.34 * H100_500W,
  source: 'torchtitan, benchmarks/llama3_h100_202412_torchtitan.md (96 GB of HBM2e, 500 W); else as H100-SXM',
};

const H100_PCIE: Device = {
  ...H100_SXM,
  name: 'H100-PCIe',
  form: 'PCIe',
  flopsPerSecond: tensorCores(756, 51.2),
  memoryBytesPerSecond: 2000 * GIGA,
  multiprocessors: 114,
  measuredMatrixEfficiency: null,
  measuredAttentionEfficiency: null,
  link: 'PCIe-5',
};

const H200: Device = {
  ...H100_SXM,
  name: 'H200',
  family: 'h200',
  memoryBytes: 143771 * MEBIBYTE,
  memoryBytesPerSecond: 4800 * GIGA,
  source: 'NVIDIA H200 Tensor Core GPU data sheet',
};

const B200: Device = {
  name: 'B200',
  family: 'b200',
  form: null,
  memoryBytes: 183359 * MEBIBYTE,
  flopsPerSecond: tensorCores(2250, 75),
  memoryBytesPerSecond: 8000 * GIGA,
  multiprocessors: 148,
  powerBound: true,
  measuredMatrixEfficiency: 0.7756,
  measuredAttentionEfficiency: null,
  link: 'NVLink-5',
  source: 'NVIDIA DGX B200 data sheet (figures of eight GPUs, divided)',
};

const GB200: Device = {
  ...B200,
  name: 'GB200',
  family: 'gb200',
  memoryBytes: 189471 * MEBIBYTE,
  flopsPerSecond: tensorCores(2500, 80),
  measuredMatrixEfficiency: 0.7288,
  source: 'NVIDIA GB200 NVL72 data sheet (figures of a superchip, halved)',
};

const L4: Device = {
  name: 'L4',
  family: 'l4',
  form: null,
  memoryBytes: 23034 * MEBIBYTE,
  flopsPerSecond: tensorCores(121, 30.3),
  memoryBytesPerSecond: 300 * GIGA,
  multiprocessors: 58,
  powerBound: false,
  measuredMatrixEfficiency: null,
  measuredAttentionEfficiency: null,
  link: 'PCIe-4',
  source: 'NVIDIA L4 Tensor Core GPU data sheet',
};

const L40S: Device = {
  ...L4,
  name: 'L40S',
  family: 'l40s',
  memoryBytes: 46068 * MEBIBYTE,
  flopsPerSecond: tensorCores(362, 91.6),
  memoryBytesPerSecond: 864 * GIGA,
  multiprocessors: 142,
  source: 'NVIDIA L40S data sheet',
};

const A10G: Device = {
  ...L4,
  name: 'A10G',
  family: 'a10g',
  memoryBytes: 23028 * MEBIBYTE,
  flopsPerSecond: tensorCores(70, 31.5),
  memoryBytesPerSecond: 600 * GIGA,
  multiprocessors: 72,
  source: 'NVIDIA A10G data sheet, as Amazon EC2 G5 publishes it',
};

const RTX_4090: Device = {
  ...L4,
  name: 'RTX-4090',
  family: 'rtx 4090',
  memoryBytes: 24564 * MEBIBYTE,
  flopsPerSecond: tensorCores(165.2, 82.6),
  memoryBytesPerSecond: 1008 * GIGA,
  multiprocessors: 128,
  source: 'NVIDIA Ada GPU Architecture whitepaper, appendix A (FP16 with FP32 accumulation)',
};

const MI300X: Device = {
  name: 'MI300X',
  family: 'mi300x',
  form: null,
  memoryBytes: 196592 * MEBIBYTE,
  flopsPerSecond: tensorCores(1307.4, 163.4),
  memoryBytesPerSecond: 5300 * GIGA,
  multiprocessors: 304,
  powerBound: false,
  measuredMatrixEfficiency: 0.5142,
  measuredAttentionEfficiency: null,
  link: 'xGMI-3',
  source: 'AMD Instinct MI300X accelerator data sheet',
};

/** A core of a server's processor, of which the memory's channels and bytes are a 64th: for ranks that train on CPUs. */
const EPYC_7763_CORE: Device = {
  name: 'EPYC-7763-core',
  family: 'epyc 7763 core',
  form: null,
  memoryBytes: 65536 * MEBIBYTE,
  // At the base clock of 2.45 GHz two FMA units of 256 bits; 16-bit numbers are computed at 32 bits.
  flopsPerSecond: tensorCores(0.0784, 0.0784),
  memoryBytesPerSecond: 3.2 * GIGA,
  multiprocessors: 1,
  powerBound: false,
  measuredMatrixEfficiency: null,
  measuredAttentionEfficiency: null,
  link: 'PCIe-4',
  source: 'AMD EPYC 7763 product page; Software Optimization Guide for the AMD Zen3 Microarchitecture (FMA units)',
};

/** Where a product name leaves a choice, the first that fits is meant. */
export const DEVICES: readonly Device[] = [
  TITAN_XP,
  V100_SXM2_16GB,
  V100_SXM2_32GB,
  V100_PCIE_16GB,
  V100_PCIE_32GB,
  A100_SXM_40GB,
  A100_SXM_80GB,
  A100_PCIE_40GB,
  A100_PCIE_80GB,
  H100_SXM,
  H100_SXM_96GB,
  H100_PCIE,
  H200,
  B200,
  GB200,
  L4,
  L40S,
  A10G,
  RTX_4090,
  MI300X,
  EPYC_7763_CORE,
];
