/** A thread that draws reports. It answers in plain data: errors lose what they carry on the way between threads. */
import { UserError } from '../../api/errors.ts';
import { type RecordedPlan, recordedReport } from '../../plan/report/recorded.ts';

export type DrawnReport = { readonly page: string } | { readonly refusal: string };

export default function draw(recorded: RecordedPlan): DrawnReport {
  try {
    return { page: recordedReport(recorded) };
  } catch (error) {
    if (error instanceof UserError) return { refusal: error.message };
    throw error;
  }
}
