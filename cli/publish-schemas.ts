/** Writes the JSON Schema of every document to `dist/schemas/`, as a part of the build. */
import { writeFileAtomically } from './atomic-file.ts'
import { documentSchemas } from '../reports/documents/schemas.ts'
import { renderJson } from '../reports/json.ts'
import { packageFile } from './package-folder.ts'

for (const [name, schema] of Object.entries(documentSchemas())) {
  writeFileAtomically(packageFile('dist', 'schemas', `${name}.json`), renderJson(schema))
}
