import { A100_40, A100_80, B200, GB200, GB300, H100, H200, L4 } from './devices.ts';
import { type InstanceType, instanceType } from './instance-type.ts';

/**
 * Bandwidth of the network cards that are for GPU traffic, without those for the host, where a machine has both. GPUDirect
 * over TCP (A3 High, Mega) is no RDMA: Ethernet.
 * Source: Google Cloud, "Networking and GPU machines".
 */
export const GOOGLE_INSTANCE_TYPES: Readonly<Record<string, InstanceType>> = {
  'a2-highgpu-1g': instanceType(A100_40, 'ethernet', 24),
  'a2-highgpu-2g': instanceType(A100_40, 'ethernet', 32),
  'a2-highgpu-4g': instanceType(A100_40, 'ethernet', 50),
  'a2-highgpu-8g': instanceType(A100_40, 'ethernet', 100),
  'a2-megagpu-16g': instanceType(A100_40, 'ethernet', 100),
  'a2-ultragpu-1g': instanceType(A100_80, 'ethernet', 24),
  'a2-ultragpu-2g': instanceType(A100_80, 'ethernet', 32),
  'a2-ultragpu-4g': instanceType(A100_80, 'ethernet', 50),
  'a2-ultragpu-8g': instanceType(A100_80, 'ethernet', 100),
  'a3-highgpu-1g': instanceType(H100, 'ethernet', 25),
  'a3-highgpu-2g': instanceType(H100, 'ethernet', 50),
  'a3-highgpu-4g': instanceType(H100, 'ethernet', 100),
  'a3-highgpu-8g': instanceType(H100, 'ethernet', 4 * 200),
  'a3-megagpu-8g': instanceType(H100, 'ethernet', 8 * 200),
  'a3-ultragpu-8g': instanceType(H200, 'roce', 8 * 400),
  'a4-highgpu-8g': instanceType(B200, 'roce', 8 * 400),
  'a4x-highgpu-4g': instanceType(GB200, 'roce', 4 * 400),
  'a4x-maxgpu-4g-metal': instanceType(GB300, 'roce', 4 * 800),
  'g2-standard-24': instanceType(L4, 'ethernet', 32),
  'g2-standard-48': instanceType(L4, 'ethernet', 50),
  'g2-standard-96': instanceType(L4, 'ethernet', 100),
};
