import type { NodeInterconnect } from '../topology.ts';

/** A GPU as an instance type or accelerator label implies it, in the words that GPU feature discovery would use. */
export interface Device {
  readonly product: string;
  /** As the driver reports it (nvidia-smi, GPU feature discovery); MiB. */
  readonly memoryMebibytes: number;
  readonly interconnect: NodeInterconnect;
}

function device(product: string, memoryMebibytes: number, interconnect: NodeInterconnect): Device {
  return { product, memoryMebibytes, interconnect };
}

export const P100 = device('Tesla-P100-PCIE-16GB', 16384, 'pcie');
export const V100_16 = device('Tesla-V100-SXM2-16GB', 16384, 'nvlink');
export const V100_32 = device('Tesla-V100-SXM2-32GB', 32768, 'nvlink');
export const T4 = device('Tesla-T4', 15360, 'pcie');
export const A10 = device('NVIDIA-A10', 23028, 'pcie');
export const A10G = device('NVIDIA-A10G', 23028, 'pcie');
export const L4 = device('NVIDIA-L4', 23034, 'pcie');
export const L40S = device('NVIDIA-L40S', 46068, 'pcie');
export const RTX_PRO_6000 = device('NVIDIA-RTX-PRO-6000-Blackwell-Server-Edition', 97887, 'pcie');
export const A100_40 = device('NVIDIA-A100-SXM4-40GB', 40960, 'nvlink');
export const A100_80 = device('NVIDIA-A100-SXM4-80GB', 81920, 'nvlink');
export const A100_PCIE_80 = device('NVIDIA-A100-80GB-PCIe', 81920, 'pcie');
export const H100 = device('NVIDIA-H100-80GB-HBM3', 81559, 'nvlink');
export const H100_NVL = device('NVIDIA-H100-NVL', 95830, 'pcie');
export const H200 = device('NVIDIA-H200', 143771, 'nvlink');
export const B200 = device('NVIDIA-B200', 183359, 'nvlink');
export const B300 = device('NVIDIA-B300-SXM6-AC', 275040, 'nvlink');
export const GB200 = device('NVIDIA-GB200', 189471, 'nvlink');
export const GB300 = device('NVIDIA-GB300', 284208, 'nvlink');
export const MI300X = device('AMD_Instinct_MI300X_OAM', 192 * 1024, 'xgmi');
export const MI355X = device('AMD_Instinct_MI355X', 288 * 1024, 'xgmi');
