/** Checkpoints in an object store that wants signed requests: by the published examples of the algorithm, and by a fake store. */
import { test } from 'tap'
import { AwsV4Signer } from 'aws4fetch'
import { objectAnchor } from '../../../src/audit/chain/object-anchor.ts'
import { signedHeaders } from '../../../src/audit/chain/signed-headers.ts'
import { systemClock } from '../../../src/core/clock.ts'
import {
  refusalOf,
  signatureOf,
  startObjectStore,
  type StoreKeys,
} from '../../helpers/object-store.ts'
import { signedCheckpoint } from '../../helpers/signed-audit.ts'

const KEYS = { region: 'eu-central-1', id: 'AKIDCELOSIA', secret: 's3cr3t/+key', token: undefined }
const STORE: StoreKeys = {
  service: 's3',
  region: KEYS.region,
  id: KEYS.id,
  secret: KEYS.secret,
}

/** From the test suite of the algorithm (`aws-sig-v4-test-suite`) and from the examples in the documentation of Amazon S3. */
const SUITE = {
  id: 'AKIDEXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 'service',
}
const DOCUMENTED = {
  id: 'AKIAIOSFODNN7EXAMPLE',
  secret: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
  service: 's3',
}
const BODY = 'Welcome to Amazon S3.'
const BODY_SHA256 = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072'
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const VECTORS = [
  {
    name: 'get-vanilla',
    keys: SUITE,
    method: 'GET',
    url: 'http://example.amazonaws.com/',
    headers: { 'x-amz-date': '20150830T123600Z' },
    body: '',
    signature: '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
  },
  {
    name: 'post-vanilla',
    keys: SUITE,
    method: 'POST',
    url: 'http://example.amazonaws.com/',
    headers: { 'x-amz-date': '20150830T123600Z' },
    body: '',
    signature: '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
  },
  {
    name: 'PUT Object',
    keys: DOCUMENTED,
    method: 'PUT',
    url: 'http://examplebucket.s3.amazonaws.com/test%24file.text',
    headers: {
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': BODY_SHA256,
      'x-amz-date': '20130524T000000Z',
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
    },
    body: BODY,
    signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  },
  {
    name: 'GET Bucket Lifecycle',
    keys: DOCUMENTED,
    method: 'GET',
    url: 'http://examplebucket.s3.amazonaws.com/?lifecycle=',
    headers: { 'x-amz-content-sha256': EMPTY_SHA256, 'x-amz-date': '20130524T000000Z' },
    body: '',
    signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
  },
] as const

test('the published examples of the algorithm, by the library and by the fake store', async (t) => {
  for (const { name, keys, method, url, headers, body, signature } of VECTORS) {
    const signer = new AwsV4Signer({
      method,
      url,
      headers,
      body,
      accessKeyId: keys.id,
      secretAccessKey: keys.secret,
      service: keys.service,
      region: keys.region,
      datetime: headers['x-amz-date'],
      allHeaders: true,
    })
    t.equal(await signer.signature(), signature, `${name}: the library`)
    const { host, pathname, search } = new URL(url)
    const all = new Map([['host', host], ...Object.entries(headers)])
    const request = { method, target: pathname + search, headers: all, body }
    t.equal(signatureOf(request, keys, [...all.keys()].toSorted()), signature, `${name}: the fake`)
  }
})

test('everything that is sent is signed', async (t) => {
  const nowMs = Date.UTC(2026, 10, 25, 20, 30, 1, 999)
  const url = 'https://vault.s3.eu-central-1.amazonaws.com/celosia/a%20b/x.jws?versionId=1'
  const headers = { 'content-type': 'application/jose', 'if-none-match': '*' }
  const unsigned = { method: 'PUT', url, headers, body: 'a.b.c' }
  for (const token of [undefined, 'lent']) {
    const signed = await signedHeaders(unsigned, { ...KEYS, token }, nowMs)
    t.match(signed, {
      ...headers,
      'x-amz-date': '20261125T203001Z',
      authorization: /^AWS4-HMAC-SHA256 Credential=AKIDCELOSIA\/20261125\/eu-central-1\/s3\//,
    })
    t.notMatch(JSON.stringify(signed), KEYS.secret)
    const names = /SignedHeaders=([^,]+)/.exec(signed['authorization'] ?? '')?.[1]?.split(';')
    const sent = Object.keys(signed).filter((name) => name !== 'authorization')
    t.same(names, [...sent, 'host'].toSorted())
    const host = new URL(url).host
    const received = {
      method: 'PUT',
      target: url.slice(url.indexOf('/celosia')),
      headers: new Map([['host', host], ...Object.entries(signed)]),
      body: 'a.b.c',
    }
    const keys = { ...STORE, ...(token !== undefined && { token }) }
    t.equal(refusalOf(received, keys, nowMs), undefined, 'a store takes it')
    for (const [what, altered, refusal] of [
      ['another body', { ...received, body: 'a.b.d' }, 'another body'],
      ['another path', { ...received, target: '/celosia/y.jws?versionId=1' }, 'another signature'],
      ['another method', { ...received, method: 'DELETE' }, 'another signature'],
      ['no condition', { ...received, headers: without('if-none-match') }, 'another signature'],
    ] as const)
      t.equal(refusalOf(altered, keys, nowMs), refusal, what)
    t.equal(refusalOf(received, { ...keys, secret: 'x' }, nowMs), 'another signature')
    t.equal(refusalOf(received, keys, nowMs + 3_600_000), 'another time')
    function without(name: string): ReadonlyMap<string, string> {
      return new Map([...received.headers].filter(([other]) => other !== name))
    }
  }
})

test('a checkpoint is put once, and never over another', async (t) => {
  const store = await startObjectStore(t, STORE)
  const url = `${store.url}/bucket/celosia`
  const anchor = objectAnchor({ url, headers: {}, keys: KEYS, clock: systemClock })
  const jws = await signedCheckpoint(12)
  await anchor.write(jws)
  t.same([...store.objects.values()], [jws])
  t.match([...store.objects.keys()], [/^\/bucket\/celosia\/[0-9a-f-]{36}-000000000012\.jws$/])
  await anchor.write(jws)
  t.equal(store.objects.size, 1, 'what is there already is kept: an answer may have been lost')
  const [path = ''] = store.objects.keys()
  store.objects.set(path, 'somebody else’s')
  await t.rejects(anchor.write(jws), { message: /has something else by that name/ })
  t.equal(store.objects.get(path), 'somebody else’s', 'nothing is put over another')
  store.before = ({ method }) => (method === 'GET' ? 403 : undefined)
  await t.rejects(anchor.write(jws), { message: /does not show it \(403\)/ })
  t.same(store.refusals, [])
})

test('what a store does not take is no anchor, and no key is told', async (t) => {
  const store = await startObjectStore(t, STORE)
  const url = `${store.url}/bucket`
  const jws = await signedCheckpoint(1)
  const late = { ...systemClock, nowMs: () => systemClock.nowMs() - 3_600_000 }
  for (const [keys, clock, refusal] of [
    [{ ...KEYS, secret: 'other' }, systemClock, 'another signature'],
    [{ ...KEYS, region: 'us-east-1' }, systemClock, 'other keys'],
    [{ ...KEYS, token: 'lent' }, systemClock, 'another token'],
    [KEYS, late, 'another time'],
    [undefined, systemClock, 'no authorization'],
  ] as const) {
    const anchor = objectAnchor({ url, headers: {}, keys, clock })
    const error = await anchor.write(jws).catch((cause: unknown) => cause)
    t.match(error, { code: 'ERR_AUDIT_UNAVAILABLE', message: /object store answers with 403/ })
    t.equal(store.refusals.pop(), refusal)
    t.notMatch(String((error as Error).stack), /s3cr3t|other|AKIDCELOSIA/)
  }
  t.equal(store.objects.size, 0)
})
