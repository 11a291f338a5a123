/**
 * Times, durations and lengths: the exact value of what is written, or what is wrong with it.
 */
import assert from 'node:assert/strict'
import {
  type Reading,
  readDuration,
  readLength,
  readTime
} from '../../../node/forecast/quantities.ts'
import { nearest } from '../../../node/forecast/suggestion.ts'

const outcome = (reading: Reading): number | string =>
  'value' in reading ? reading.value : reading.problem

describe('quantities of a forecast file', () => {
  const durations: readonly (readonly [string, number])[] = [
    ['P3D', 259_200],
    ['PT10M', 600],
    ['PT1H', 3600],
    ['P1DT12H', 129_600],
    ['P2W', 1_209_600],
    ['PT36H', 129_600],
    ['PT1H30M15S', 5415],
    ['PT0.5H', 1800],
    ['PT1,5M', 90],
    ['P0.5D', 43_200],
    ['-P3D', -259_200],
    ['+PT1S', 1],
    ['PT0S', 0],
    ['-PT0S', 0]
  ]
  for (const [text, seconds] of durations) {
    it(`reads the duration ${text}`, () => assert.equal(outcome(readDuration(text)), seconds))
  }
  const badDurations: readonly (readonly [string, RegExp])[] = [
    ['', /not an ISO 8601 duration/],
    ['P', /not an ISO 8601 duration/],
    ['PT', /not an ISO 8601 duration/],
    ['P1DT', /not an ISO 8601 duration/],
    ['3D', /not an ISO 8601 duration/],
    ['PT1D', /not an ISO 8601 duration/],
    ['P1H', /not an ISO 8601 duration/],
    ['PT1M1H', /not an ISO 8601 duration/],
    ['PT1H1H', /not an ISO 8601 duration/],
    ['PT0.5H1M', /not an ISO 8601 duration/],
    ['P0.5DT1H', /not an ISO 8601 duration/],
    ['PT1HT1M', /not an ISO 8601 duration/],
    ['pt1h', /not an ISO 8601 duration/],
    ['PT0.5S', /not a whole number of seconds/],
    ['P1M', /years or months/],
    ['P1Y', /years or months/],
    ['P999999999W', /longer than a millennium/]
  ]
  for (const [text, problem] of badDurations) {
    it(`refuses the duration "${text}"`, () =>
      assert.match(String(outcome(readDuration(text))), problem))
  }

  const times: readonly (readonly [string, number])[] = [
    ['2014-05-17T12:30:00Z', 1_400_329_800],
    ['2014-05-17T12:30Z', 1_400_329_800],
    ['2014-05-17 12:30:00', 1_400_329_800],
    ['2014-05-17T14:30:00+02:00', 1_400_329_800],
    ['2014-05-17T07:00:00-0530', 1_400_329_800],
    ['2014-05-17T12:30:00.000Z', 1_400_329_800],
    ['2014-05-17', 1_400_284_800],
    ['1969-12-31T23:59:59Z', -1],
    ['2016-02-29', 1_456_704_000]
  ]
  for (const [text, seconds] of times) {
    it(`reads the time ${text}`, () => assert.equal(outcome(readTime(text)), seconds))
  }
  for (const text of ['2014-02-30', '2015-02-29T00:00:00Z', '2014-13-01', '2014-05-17T24:00Z']) {
    it(`refuses the time ${text}, which does not exist`, () =>
      assert.match(String(outcome(readTime(text))), /does not exist/))
  }
  for (const text of ['17.5.2014', '2014-05', '2014-05-17T12', 'now']) {
    it(`refuses the time ${text}`, () =>
      assert.match(String(outcome(readTime(text))), /not an ISO 8601 time/))
  }

  it('refuses half a second', () =>
    assert.match(String(outcome(readTime('2014-05-17T12:30:00.5Z'))), /not a whole second/))

  const lengths: readonly (readonly [string | number, number])[] = [
    ['500 m', 500],
    ['500m', 500],
    ['2 km', 2000],
    ['1.5km', 1500],
    ['1 nmi', 1852],
    ['250', 250],
    [250, 250],
    ['1e3 m', 1000],
    ['.5 km', 500],
    ['-5', -5]
  ]
  for (const [text, metres] of lengths) {
    it(`reads the length ${text}`, () => assert.equal(outcome(readLength(text)), metres))
  }
  it('refuses lengths without number or with an unknown unit', () => {
    assert.match(String(outcome(readLength('far'))), /"far" is not a length/)
    assert.match(String(outcome(readLength('5 constructor'))), /unknown unit "constructor"/)
    assert.match(
      String(outcome(readLength('5 KM'))),
      /unknown unit "KM" of a length; use mm, cm, m, km/
    )
  })
})

describe('nearest word', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['duraton', 'duration'],
    ['durtaion', 'duration'],
    ['Duration', 'duration'],
    ['seedings', 'seeding'],
    ['x', undefined],
    ['completely', undefined]
  ]
  for (const [word, meant] of cases) {
    it(`takes ${word} for ${meant ?? 'nothing'}`, () =>
      assert.equal(nearest(word, ['duration', 'seeding', 'u', 'step']), meant))
  }
})
