import { A100_40, A100_80, A10, B200, GB200, GB300, H100, H200, L40S, MI300X, MI355X, V100_16 } from './devices.ts';
import { type InstanceType, instanceType } from './instance-type.ts';

/** RDMA of the cluster network where a shape has it. Source: Oracle, "Compute Shapes", bare metal GPU shapes. */
export const ORACLE_INSTANCE_TYPES: Readonly<Record<string, InstanceType>> = {
  'BM.GPU3.8': instanceType(V100_16, 'ethernet', 2 * 25),
  'BM.GPU4.8': instanceType(A100_40, 'roce', 8 * 200),
  'BM.GPU.A100-v2.8': instanceType(A100_80, 'roce', 16 * 100),
  'BM.GPU.A10.4': instanceType(A10, 'ethernet', 2 * 50),
  'BM.GPU.L40S.4': instanceType(L40S, 'roce', 800),
  'BM.GPU.H100.8': instanceType(H100, 'roce', 8 * 2 * 200),
  'BM.GPU.H200.8': instanceType(H200, 'roce', 8 * 400),
  'BM.GPU.B200.8': instanceType(B200, 'roce', 8 * 400),
  'BM.GPU.GB200.4': instanceType(GB200, 'roce', 4 * 400),
  'BM.GPU.GB300.4': instanceType(GB300, 'roce', 4 * 800),
  'BM.GPU.MI300X.8': instanceType(MI300X, 'roce', 8 * 400),
  'BM.GPU.MI355X.8': instanceType(MI355X, 'roce', 8 * 400),
};
