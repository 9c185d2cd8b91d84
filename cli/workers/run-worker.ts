/** Worker thread of `run --in-worker`: one plan under one strategy per task. */
import { executeRun, type RunTask } from '../execute-run.ts'
import { serve } from './serve.ts'

serve((task: RunTask) => executeRun(task))
