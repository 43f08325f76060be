// SPDX-License-Identifier: MIT
// The main job by a stock Node client (@grpc/grpc-js with protos loaded at run time). Started by stock_clients.py, which gives the
// server's address and a token a role as JSON in WANGGE_E2E. Prints a line a case and "N passed, M failed".
'use strict';

const assert = require('node:assert/strict');
const crypto = require('node:crypto');
const grpc = require('@grpc/grpc-js');
const loader = require('@grpc/proto-loader');

const given = JSON.parse(process.env.WANGGE_E2E);
const files = ['auth', 'case', 'directory', 'report', 'watch'].map((n) => `wangge/v1/${n}.proto`);
const api = grpc.loadPackageDefinition(loader.loadSync(files, {
  keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true, includeDirs: [given.proto],
})).wangge.v1;
const clients = {};
for (const name of ['AuthService', 'CaseService', 'DirectoryService', 'ReportService', 'WatchService']) {
  clients[name] = new api[name](given.address, grpc.credentials.createInsecure());
}

function metadata(login) {
  const m = new grpc.Metadata();
  if (login) m.set('authorization', `Bearer ${given.tokens[login]}`);
  return m;
}

function call(login, service, method, request) {
  return new Promise((resolve, reject) => {
    clients[service][method](request, metadata(login), { deadline: Date.now() + 30000 },
      (error, answer) => (error ? reject(error) : resolve(answer)));
  });
}

function uuid7() {
  const bytes = crypto.randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

function act(login, caseId, action, version, fields) {
  return call(login, 'CaseService', 'Act',
    { request_id: uuid7(), case_id: caseId, expected_version: version, action: `ACTION_${action}`, ...fields });
}

const caseId = uuid7();
const incident = {
  request_id: uuid7(), case_id: caseId, category_code: 'E0501', grid_code: '230604001001002', description: '早市占用消防通道',
};
const steps = [
  ['acceptor', 'ACCEPT', {}, 'ACCEPTED'],
  ['dispatcher', 'DISPATCH', { organ_code: 'RHL-CG' }, 'DISPATCHED'],
  ['handler', 'SIGN', {}, 'HANDLING'],
  ['handler', 'FEED_BACK', { text: '已劝离' }, 'FEEDBACK'],
  ['acceptor', 'ORDER_FIELD_CHECK', {}, 'FIELD_CHECK'],
  ['worker2', 'ANSWER_FIELD_CHECK', { check_result: 'CHECK_RESULT_PASS', text: '属实' }, 'FEEDBACK'],
  ['acceptor', 'CLOSE', {}, 'CLOSED'],
];

const cases = {
  'who am I': async () => {
    assert.equal((await call('worker', 'AuthService', 'WhoAmI', {})).account.login, 'worker');
  },
  'submit, and the same key again': async () => {
    const answer = await call('worker', 'CaseService', 'SubmitCase', incident);
    assert.equal(answer.state, 'CASE_STATE_REPORTED');
    const again = await call('worker', 'CaseService', 'SubmitCase', incident);
    assert.deepEqual([again.number, again.replayed], [answer.number, true]);
  },
  'the same key with another body is refused': async () => {
    await assert.rejects(call('worker', 'CaseService', 'SubmitCase', { ...incident, description: '别的事' }),
      (e) => e.code === grpc.status.ALREADY_EXISTS);
  },
  'carried to closure': async () => {
    let version = 1;
    for (const [login, action, fields, want] of steps) {
      const answer = await act(login, caseId, action, version, fields);
      version += 1;
      assert.deepEqual([answer.case.state, answer.case.version], [`CASE_STATE_${want}`, version], action);
    }
  },
  'a stale version is ABORTED with typed details': async () => {
    await assert.rejects(act('supervisor', caseId, 'REVISIT', 1, { check_result: 'CHECK_RESULT_PASS' }), (e) => {
      assert.equal(e.code, grpc.status.ABORTED);
      assert.equal(e.metadata.get('grpc-status-details-bin').length, 1);
      return true;
    });
  },
  'the completion rate and the list behind it': async () => {
    const today = new Date(Date.now() + 8 * 3600 * 1000).toISOString().slice(0, 10);
    const query = { metric: 'K01', from: today, to: today, category_prefix: 'E0501' };
    const answer = await call('supervisor', 'ReportService', 'QueryMetric', { query, breakdown: 'BREAKDOWN_NONE' });
    assert.deepEqual([answer.total.numerator, answer.total.denominator], [1, 1]);
    const list = await call('supervisor', 'ReportService', 'ListFigureCases',
      { query: answer.query, breakdown: 'BREAKDOWN_NONE', part: 'FIGURE_PART_NUMERATOR' });
    assert.deepEqual([list.total, list.cases.map((c) => c.case.case_id)], [1, [caseId]]);
  },
  'watch brings the events': async () => {
    const versions = await new Promise((resolve, reject) => {
      const seen = [];
      const stream = clients.WatchService.Watch({ cursor: '0', case_id: caseId, heartbeat_s: 1 }, metadata('supervisor'));
      stream.on('data', (message) => {
        if (message.event) seen.push(message.event.version);
        if (seen.length === steps.length + 1) {
          stream.cancel();
          resolve(seen);
        }
      });
      stream.on('error', (e) => (e.code === grpc.status.CANCELLED ? undefined : reject(e)));
    });
    assert.deepEqual(versions, steps.map((_, i) => i + 1).concat(steps.length + 1));
  },
};

async function main() {
  let passed = 0;
  let failed = 0;
  for (const [name, fn] of Object.entries(cases)) {
    try {
      await fn();
      passed += 1;
      console.log(`ok - node: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`not ok - node: ${name}\n${error.stack}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  Object.values(clients).forEach((c) => c.close());
  process.exitCode = failed ? 1 : 0;
}

main();
