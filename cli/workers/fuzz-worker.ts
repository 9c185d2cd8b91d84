/** Worker thread of `fuzz`: one search per task. */
import { executeFuzz } from '../fuzzing/fuzz-task.ts'
import { serve } from './serve.ts'

serve(executeFuzz)
