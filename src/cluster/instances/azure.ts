import { A100_40, A100_80, A100_PCIE_80, GB200, GB300, H100, H100_NVL, H200, MI300X, V100_32 } from './devices.ts';
import { type InstanceType, instanceType } from './instance-type.ts';

/**
 * The ND sizes give every GPU an InfiniBand port of its own (one for the instance in NDv2).
 * Source: Microsoft Learn, "Sizes for virtual machines in Azure", GPU-accelerated: the pages of the ND and NC series.
 */
export const AZURE_INSTANCE_TYPES: Readonly<Record<string, InstanceType>> = {
  Standard_ND40rs_v2: instanceType(V100_32, 'infiniband', 100),
  Standard_ND96asr_v4: instanceType(A100_40, 'infiniband', 8 * 200),
  Standard_ND96amsr_A100_v4: instanceType(A100_80, 'infiniband', 8 * 200),
  Standard_ND96isr_H100_v5: instanceType(H100, 'infiniband', 8 * 400),
  Standard_ND96isr_H200_v5: instanceType(H200, 'infiniband', 8 * 400),
  Standard_ND96isr_MI300X_v5: instanceType(MI300X, 'infiniband', 8 * 400),
  Standard_ND128isr_NDR_GB200_v6: instanceType(GB200, 'infiniband', 4 * 400),
  Standard_ND128isr_GB300_v6: instanceType(GB300, 'infiniband', 4 * 800),
  Standard_NC24ads_A100_v4: instanceType(A100_PCIE_80, 'ethernet', 20),
  Standard_NC48ads_A100_v4: instanceType(A100_PCIE_80, 'ethernet', 40),
  Standard_NC96ads_A100_v4: instanceType(A100_PCIE_80, 'ethernet', 80),
  Standard_NC40ads_H100_v5: instanceType(H100_NVL, 'ethernet', 40),
  Standard_NC80adis_H100_v5: instanceType(H100_NVL, 'ethernet', 80),
};
