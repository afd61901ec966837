// Holds pages against html-validate's rules for standard HTML; prints its complaints as JSON.
//
//     node valid.mjs MODULES PAGE...

import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, ...pages] = process.argv.slice(2);
const require = createRequire(pathToFileURL(join(resolve(modules), 'package.json')));
const { HtmlValidate, StaticConfigLoader } = require('html-validate');

const loader = new StaticConfigLoader({
  root: true,
  extends: ['html-validate:recommended'],
  rules: {
    // HTML takes any id without a blank; the rule wants a letter first by default, as old style sheets did.
    // Ours are those of criteria, which begin with digits: documents link to #2.2.1-validation.
    'valid-id': ['error', { relaxed: true }],
    // It counts the characters of the source: six for a quotation mark that is written as &quot;. What a
    // reader sees has 70 at most, which tests/reports/formats/test_html.py holds.
    'long-title': 'off',
  },
});
const validator = new HtmlValidate(loader);
const found = [];
for (const page of pages) {
  const told = await validator.validateFile(page);
  found.push(...told.results.flatMap((each) => each.messages.map((message) => ({ page, ...message }))));
}
process.stdout.write(`${JSON.stringify(found.map(({ page, ruleId, message, line, column, selector }) =>
  ({ page, ruleId, message, line, column, selector })), null, 1)}\n`);
