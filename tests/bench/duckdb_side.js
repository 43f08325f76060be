// SPDX-License-Identifier: MIT
// DuckDB in memory with two threads: loads a CSV of the flat table, then answers {"sql": ..., "times": n} lines by {"rows": ..., "ms": [...]}.
'use strict';
const readline = require('node:readline');
const { DuckDBInstance } = require('@duckdb/node-api');

async function main() {
  const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
  const db = await instance.connect();
  await db.run(`create table flat as select * from read_csv('${process.argv[2]}', header = false, columns = {'grid_code': 'bigint',
    'township': 'bigint', 'category_id': 'smallint', 'cohort_day': 'date', 'valid': 'smallint', 'closed': 'smallint'})`);
  console.log(JSON.stringify({ ready: true }));
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const { sql, times } = JSON.parse(line);
    const ms = [];
    let rows;
    for (let i = 0; i < times; i++) {
      const began = process.hrtime.bigint();
      rows = (await db.runAndReadAll(sql)).getRows();
      ms.push(Number(process.hrtime.bigint() - began) / 1e6);
    }
    console.log(JSON.stringify({ rows: rows.map((r) => r.map(String)), ms }));
  }
}
main();
