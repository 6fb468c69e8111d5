'use strict';

// What goes wrong must be seen: by a reader, and by the test that looks for it.
window.addEventListener('error', event => {
  const box = document.createElement('p');
  box.className = 'alarm';
  box.id = 'script-error';
  box.textContent = 'This report could not be drawn in full: ' + event.message;
  document.getElementById('alarms').append(box);
});

const data = JSON.parse(document.getElementById('data').textContent);
const subjects = new Map(data.subjects.map(subject => [subject.id, subject]));
const summaries = data.summaries.filter(summary => summary.rate);
const dark = window.matchMedia('(prefers-color-scheme: dark)');
const colour = name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
const name = id => subjects.has(id) ? subjects.get(id).name : id;
const whole = value => Math.round(value).toLocaleString('en-US');
const thousands = value => value >= 1e6 ? (value / 1e6).toFixed(2) + ' M' : (value / 1e3).toFixed(value < 1e4 ? 1 : 0) + ' k';
const micros = value => value >= 1e4 ? (value / 1e3).toFixed(0) + ' ms' : value >= 1e3 ? (value / 1e3).toFixed(1) + ' ms'
  : value.toFixed(value < 10 ? 1 : 0) + ' µs';
const share = value => (100 * value).toFixed(value > 0 && value < 0.1 ? 1 : 0) + ' %';
const boundSign = {exact: '', 'at least': '≥ ', 'at most': '≤ ', unknown: '? '};
const boundText = {
  exact: '',
  'at least': 'at least: the load generator was the limit',
  'at most': 'at most: the load generator was the limit for the other',
  unknown: 'the load generator was the limit for both: this says nothing about them'
};

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) {
    made.textContent = text;
  }
  if (className) {
    made.className = className;
  }
  return made;
}

function subjectCell(id) {
  const cell = element('td');
  const swatch = element('span', '', 'swatch');
  swatch.style.background = `var(--${id})`;
  cell.append(swatch, name(id));
  return cell;
}

function table(id, heads, rows) {
  const head = element('tr');
  head.append(...heads.map(text => element('th', text)));
  document.getElementById(id).append(head, ...rows);
}

function row(cells, className) {
  const made = element('tr', undefined, className);
  made.append(...cells.map(cell => cell instanceof Node ? cell : element('td', cell)));
  return made;
}

function texts() {
  const minutes = Math.floor(data.took_seconds / 60);
  document.getElementById('when').textContent = new Date(data.started).toUTCString() + ', took ' + minutes + ' min '
    + Math.round(data.took_seconds - 60 * minutes) + ' s';
  document.getElementById('command').textContent = data.command;
  const alarms = document.getElementById('alarms');
  const bad = data.summaries.reduce((sum, summary) => sum + summary.bad, 0);
  if (bad > 0) {
    alarms.append(element('p', whole(bad) + ' answers were wrong: the figures below are worth nothing.', 'alarm'));
  }
  data.notes.forEach(note => alarms.append(element('p', note, 'note')));
  const s = data.settings;
  document.getElementById('throughput-lead').textContent = `${s.window} requests on their way at any time, `
    + `${whole(s.keys)} items, Zipf; every answer verified. Bars are medians of the runs, lines reach from the least to `
    + 'the greatest. ' + (summaries.some(summary => summary.bottleneck)
      ? 'A hatched bar with “≥” is a lower bound: the load generator was the limit, not the server.' : '');
  document.getElementById('latency-lead').textContent = `With ${s.window} requests on their way: `
    + 'medians over the runs, the shade reaches from the least to the greatest run. Unlike rates, latencies are of whole '
    + 'runs, so what the host took shows in the tails.';
  document.getElementById('windows-lead').textContent = `Each point is ${100} ms of a run. Grey crosses were set aside: `
    + `the host took more than ${share(data.limits.steal)} of a CPU, or other processes used more than `
    + `${share(data.limits.foreign)} of one.`;
}

function headline() {
  const box = document.getElementById('headline');
  for (const ratio of data.ratios.filter(ratio => ratio.spread)) {
    const card = element('div', undefined, 'card');
    const rounds = ratio.spread.count === 1 ? 'only 1 round' : ratio.spread.count + ' rounds';
    card.append(element('b', boundSign[ratio.bound] + ratio.spread.median.toFixed(2) + ' ×'),
      element('span', `rate of ${name(ratio.subject)} / ${name(ratio.against)}`),
      element('span', `${ratio.spread.min.toFixed(2)} to ${ratio.spread.max.toFixed(2)} in ${rounds}`));
    if (ratio.bound !== 'exact') {
      card.append(element('span', boundText[ratio.bound]));
    }
    box.append(card);
  }
}

function tables() {
  table('table-summary', ['', 'answers/s', 'range', 'server CPU per answer', 'of it processes', 'p50', 'p99',
    'requests', 'lost', 'wrong', 'runs', 'windows'], data.summaries.map(summary => row([
    subjectCell(summary.subject),
    summary.rate ? (summary.bottleneck ? '≥ ' : '') + whole(summary.rate.median) : 'no run counts',
    summary.rate ? `${whole(summary.rate.min)} – ${whole(summary.rate.max)}` : '',
    summary.rate ? (summary.server_cpu_ns.median / 1e3).toFixed(2) + ' µs' : '',
    summary.rate ? (summary.process_ns.median / 1e3).toFixed(2) + ' µs' : '',
    summary.rate ? micros(summary.p50_us.median) : '', summary.rate ? micros(summary.p99_us.median) : '',
    whole(summary.requests), whole(summary.lost), whole(summary.bad), `${summary.runs} of ${summary.runs + summary.runs_set_aside}`,
    `${summary.windows - summary.windows_stolen - summary.windows_foreign} of ${summary.windows}`])));
  const rounds = [...new Set(data.runs.map(run => run.round))].sort((a, b) => a - b);
  table('table-ratios', ['', ...rounds.map(round => 'round ' + round), 'median', ''], data.ratios.map(ratio => row([
    element('td', `${name(ratio.subject)} / ${name(ratio.against)}`),
    ...rounds.map(round => {
      const found = ratio.rounds.find(entry => entry.round === round);
      return found ? boundSign[found.bound] + found.ratio.toFixed(2) : '–';
    }),
    ratio.spread ? boundSign[ratio.bound] + ratio.spread.median.toFixed(2) : '–', boundText[ratio.bound]])));
  table('table-runs', ['', 'round', 'answers/s', 'whole run', 'server CPU per answer', 'server’s CPU busy', 'generator’s', 'p50', 'p99', 'lost',
    'windows', 'steal', 'others', 'generator'], data.runs.map(run => {
    const count = reason => run.windows.filter(window => window.set_aside === reason).length;
    const clean = count(null);
    return row([subjectCell(run.subject), String(run.round), (run.bottleneck ? '≥ ' : '') + whole(run.rate), whole(run.load.rate),
      (run.server_cpu_ns / 1e3).toFixed(2) + ' µs', share(run.server_busy), share(run.client_busy), micros(run.load.latency_us.p50),
      micros(run.load.latency_us.p99), whole(run.load.lost), `${clean} of ${run.windows.length}`, String(count('steal')),
      String(count('foreign')), run.load.transport], 2 * clean < run.windows.length ? 'aside' : '');
  }));
  document.getElementById('table-environment').append(...data.environment.map(pair => row(pair)));
}

function setAside() {
  const box = document.getElementById('set-aside');
  const windows = data.runs.flatMap(run => run.windows);
  const count = reason => windows.filter(window => window.set_aside === reason).length;
  const stolen = windows.reduce((sum, window) => sum + window.steal, 0) / windows.length;
  const list = element('ul');
  list.append(
    element('li', `${count('steal')} of ${windows.length} windows, because the host took more than ${share(data.limits.steal)} `
      + `of a CPU; over all windows it took ${share(stolen)} of the CPU from which it took most.`),
    element('li', `${count('foreign')} windows, because other processes used more than ${share(data.limits.foreign)} of one CPU.`),
    element('li', `${data.summaries.reduce((sum, s) => sum + s.runs_set_aside, 0)} whole runs, because less than half of `
      + 'their windows were left; they are struck through above.'));
  box.append(list);
  const limits = document.getElementById('limits');
  [...new Set(data.summaries.map(summary => summary.bottleneck).filter(Boolean))].forEach(reason => limits.append(
    element('li', 'Some rates are but lower bounds: ' + reason + '.')));
  limits.append(
    element('li', 'Rates with the reflecting generator (in XDP on the client’s side) are no part of the ratios: it costs less than '
      + 'the generator that verifies every answer, and judges one answer in many.'),
    element('li', 'Generator and servers share one machine, its memory and its caches.'),
    element('li', 'veth has no zero-copy: each packet is copied into the kernel’s buffers, and AF_XDP sends with a system call.'),
    element('li', 'On veth, the kernel’s work for a packet is done on the CPU of whoever sends it, unless told otherwise: '
      + 'part of what the server costs shows on the generator’s CPUs.'));
}

function base() {
  return {
    animation: false,
    aria: {enabled: true},
    textStyle: {fontFamily: getComputedStyle(document.body).fontFamily, color: colour('ink')},
    tooltip: {
      backgroundColor: colour('card'), borderColor: colour('line'), textStyle: {color: colour('ink')}, confine: true
    }
  };
}

function axis(type, title, formatter, more = {}) {
  return {
    type, name: title, nameLocation: 'middle', nameTextStyle: {color: colour('soft'), fontSize: 13},
    axisLabel: {color: colour('soft'), formatter, fontSize: 12.5, hideOverlap: true},
    axisLine: {lineStyle: {color: colour('line')}}, axisTick: {lineStyle: {color: colour('line')}},
    splitLine: {lineStyle: {color: colour('grid')}}, minorSplitLine: {show: false}, ...more
  };
}

function legend(more = {}) {
  return {top: 0, textStyle: {color: colour('ink'), fontSize: 13}, itemWidth: 22, ...more};
}

// A line from the least to the greatest, with ends, over the bar of the same category.
function whisker(ranges, ink) {
  return {
    type: 'custom', silent: true, z: 5, data: ranges, tooltip: {show: false}, encode: {x: [1, 2], y: 0},
    renderItem: (params, api) => {
      const from = api.coord([api.value(1), api.value(0)]);
      const to = api.coord([api.value(2), api.value(0)]);
      const line = (x1, y1, x2, y2) => ({type: 'line', shape: {x1, y1, x2, y2}, style: {stroke: ink, lineWidth: 1.6}});
      return {type: 'group', children: [line(from[0], from[1], to[0], to[1]),
        line(from[0], from[1] - 6, from[0], from[1] + 6), line(to[0], to[1] - 6, to[0], to[1] + 6)]};
    }
  };
}

function barAxes(ids, title, formatter) {
  return {
    grid: {left: 8, right: 92, top: 12, bottom: 34, containLabel: true},
    xAxis: axis('value', title, formatter, {nameGap: 30, min: 0}),
    yAxis: axis('category', undefined, undefined, {
      data: ids.map(name), inverse: true, splitLine: {show: false}, axisTick: {show: false},
      axisLabel: {color: colour('ink'), fontSize: 14}
    })
  };
}

function throughput() {
  const ids = summaries.map(summary => summary.subject);
  return {
    ...base(), ...barAxes(ids, 'answers per second', value => value === 0 ? '0' : thousands(value)),
    series: [{
      type: 'bar', barWidth: '56%',
      data: summaries.map(summary => ({
        value: summary.rate.median,
        itemStyle: {
          color: colour(summary.subject), borderRadius: [0, 4, 4, 0], opacity: subjects.get(summary.subject).reference ? 0.55 : 1,
          decal: summary.bottleneck ? {symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 6], rotation: -Math.PI / 4,
            color: 'rgba(255,255,255,0.38)'} : {symbol: 'none'}
        }
      })),
      tooltip: {formatter: point => {
        const summary = summaries[point.dataIndex];
        return `<b>${name(summary.subject)}</b><br>${subjects.get(summary.subject).about}<br>median ${whole(summary.rate.median)}/s, `
          + `${whole(summary.rate.min)} to ${whole(summary.rate.max)} in ${summary.runs} runs`;
      }}
    }, {...whisker(summaries.map((summary, i) => [i, summary.rate.min, summary.rate.max]), colour('ink')),
    }, {
      // The figure stands to the right of the bar and of its range.
      type: 'custom', silent: true, data: summaries.map((summary, i) => [i, summary.rate.max]), tooltip: {show: false},
      renderItem: (params, api) => {
        const at = api.coord([api.value(1), api.value(0)]);
        const summary = summaries[params.dataIndex];
        return {type: 'text', x: at[0] + 12, y: at[1], style: {text: (summary.bottleneck ? '≥ ' : '') + thousands(summary.rate.median) + '/s',
          fill: colour('ink'), font: '600 14px ' + getComputedStyle(document.body).fontFamily, verticalAlign: 'middle'}};
      }
    }]
  };
}

function cpu() {
  const ids = summaries.map(summary => summary.subject);
  const rest = summary => Math.max(0, summary.server_cpu_ns.median - summary.process_ns.median) / 1e3;
  return {
    ...base(), ...barAxes(ids, 'microseconds of the server’s CPU per answer (median; line: range of the total)', value => value),
    legend: legend({data: ['processes that serve', 'kernel beside them (softirqs, NAPI threads)'], selectedMode: false}),
    grid: {left: 8, right: 92, top: 38, bottom: 34, containLabel: true},
    series: [{
      name: 'processes that serve', type: 'bar', stack: 'cpu', barWidth: '52%', color: colour('soft'),
      data: summaries.map(summary => ({value: summary.process_ns.median / 1e3, itemStyle: {color: colour(summary.subject)}})),
      tooltip: {valueFormatter: value => value.toFixed(2) + ' µs'}
    }, {
      name: 'kernel beside them (softirqs, NAPI threads)', type: 'bar', stack: 'cpu', color: colour('line'),
      data: summaries.map(summary => ({value: rest(summary), itemStyle: {color: colour(summary.subject), opacity: 0.35}})),
      tooltip: {valueFormatter: value => value.toFixed(2) + ' µs'}
    }, whisker(summaries.map((summary, i) => [i, summary.server_cpu_ns.min / 1e3, summary.server_cpu_ns.max / 1e3]), colour('ink')),
    {
      type: 'custom', silent: true, data: summaries.map((summary, i) => [i, summary.server_cpu_ns.max / 1e3]), tooltip: {show: false},
      renderItem: (params, api) => {
        const at = api.coord([api.value(1), api.value(0)]);
        return {type: 'text', x: at[0] + 12, y: at[1], style: {text: (summaries[params.dataIndex].server_cpu_ns.median / 1e3).toFixed(2) + ' µs',
          fill: colour('ink'), font: '600 14px ' + getComputedStyle(document.body).fontFamily, verticalAlign: 'middle'}};
      }
    }]
  };
}

const percentileText = value => {
  const nines = Math.round(Math.log10(value));
  return nines === 0 ? '0 %' : nines === 1 ? '90 %' : nines === 2 ? '99 %' : '99.' + '9'.repeat(nines - 2) + ' %';
};

function latency() {
  const series = [];
  for (const summary of summaries) {
    // 1 / (1 - p) as a logarithm gives each further nine the same width.
    const points = summary.percentiles.map(([p, median, min, max]) => [1 / (1 - p / 100), median, min, max]);
    const ink = colour(summary.subject);
    const reference = subjects.get(summary.subject).reference;
    series.push({
      name: name(summary.subject), type: 'line', showSymbol: false, color: ink,
      lineStyle: {width: reference ? 1.6 : 2.6, type: reference ? 'dashed' : 'solid'},
      data: points.map(([x, median]) => [x, Math.max(median, 1)])
    });
    if (!reference) {
      series.push({
        name: name(summary.subject), type: 'custom', silent: true, tooltip: {show: false}, data: [[points[0][0], points[0][1]]],
        z: 1, clip: true, color: ink,
        renderItem: (params, api) => {
          const upper = points.map(point => api.coord([point[0], Math.max(point[3], 1)]));
          const lower = points.map(point => api.coord([point[0], Math.max(point[2], 1)])).reverse();
          return {type: 'polygon', shape: {points: [...upper, ...lower]}, style: {fill: ink, opacity: 0.14}};
        }
      });
    }
  }
  return {
    ...base(), legend: legend({data: summaries.map(summary => name(summary.subject))}),
    grid: {left: 30, right: 30, top: 40, bottom: 40, containLabel: true},
    tooltip: {...base().tooltip, trigger: 'axis', valueFormatter: value => value === undefined ? '' : micros(value),
      axisPointer: {label: {formatter: point => (100 - 100 / point.value).toFixed(3) + ' %'}}},
    xAxis: axis('log', 'percentile of the answers', percentileText, {nameGap: 32, min: 1, max: 1e5}),
    yAxis: axis('log', 'latency', micros, {nameGap: 56}),
    series
  };
}

function curve() {
  const ids = [...new Set(data.curve.map(point => point.subject))];
  return {
    ...base(), legend: legend({data: ids.map(name)}),
    grid: {left: 30, right: 40, top: 40, bottom: 40, containLabel: true},
    tooltip: {...base().tooltip, formatter: ({value, seriesName}) => `<b>${seriesName}</b><br>${whole(value[0])} answers/s of `
      + `${whole(value[2].target_rate)} wanted<br>p50 ${micros(value[2].p50_us)}, p99 ${micros(value[1])}<br>lost ${share(value[2].lost_share)}, `
      + `windows that count ${share(value[2].clean_share)}` + (value[2].held ? '' : '<br>the rate was not held')},
    xAxis: axis('value', 'answers per second', value => value === 0 ? '0' : thousands(value), {nameGap: 32, min: 0}),
    yAxis: axis('log', '99th percentile of latency', micros, {nameGap: 56}),
    series: ids.map(id => ({
      name: name(id), type: 'line', color: colour(id), lineStyle: {width: 2.6}, symbolSize: 9,
      data: data.curve.filter(point => point.subject === id).map(point => ({
        value: [point.rate, Math.max(point.p99_us, 1), point],
        // Not held: a triangle. Less than half of the windows clean: hollow.
        symbol: point.held ? point.clean_share < 0.5 ? 'emptyCircle' : 'circle' : 'triangle',
        symbolSize: point.held ? 9 : 13
      }))
    }))
  };
}

function windows() {
  const runs = data.runs;
  const longest = Math.max(...runs.map(run => run.windows.length));
  const points = (id, clean) => runs.flatMap((run, place) => run.subject !== id ? [] : run.windows
    .map((window, i) => ({value: [place + 0.08 + 0.84 * i / longest, window.answers * 1e9 / run.load.window_ns, window, run.round]}))
    .filter(point => !point.value[2].set_aside === clean));
  const ids = [...new Set(runs.map(run => run.subject))];
  return {
    ...base(), legend: legend({data: [...ids.map(name), 'set aside']}),
    grid: {left: 30, right: 20, top: 40, bottom: 40, containLabel: true},
    tooltip: {...base().tooltip, formatter: ({value}) => `${whole(value[1])} answers/s, round ${value[3]}<br>steal ${share(value[2].steal)} of a CPU, `
      + `other processes ${share(value[2].foreign)}`},
    xAxis: axis('value', 'runs, in the order of time (number: round)', value => Number.isInteger(value) ? '' : value, {
      nameGap: 28, min: 0, max: runs.length, interval: 1, axisLabel: {show: false}
    }),
    yAxis: axis('value', 'answers per second', value => value === 0 ? '0' : thousands(value), {nameGap: 56, min: 0}),
    series: [...ids.map(id => ({
      name: name(id), type: 'scatter', symbolSize: 4.5, color: colour(id), data: points(id, true)
    })), {
      name: 'set aside', type: 'scatter', symbolSize: 6, color: colour('soft'),
      symbol: 'path://M0,0 L10,10 M10,0 L0,10', itemStyle: {borderColor: colour('soft'), borderWidth: 1.2, opacity: 0.75},
      data: ids.flatMap(id => points(id, false))
    }, {
      type: 'custom', silent: true, tooltip: {show: false}, data: runs.map((run, place) => [place + 0.5, 0, run.round]), clip: false,
      renderItem: (params, api) => ({type: 'text', x: api.coord([api.value(0), 0])[0], y: api.coord([0, 0])[1] + 8,
        style: {text: String(api.value(2)), fill: colour('soft'), font: '12px ' + getComputedStyle(document.body).fontFamily, align: 'center'}})
    }]
  };
}

const plots = [];

function draw(id, option) {
  const chart = echarts.init(document.getElementById(id), null, {renderer: 'svg'});
  chart.setOption(option);
  plots.push(chart);
}

function drawAll() {
  plots.splice(0).forEach(chart => chart.dispose());
  if (summaries.length > 0) {
    draw('plot-throughput', throughput());
    draw('plot-cpu', cpu());
    draw('plot-latency', latency());
  }
  if (data.curve.length > 0) {
    draw('plot-curve', curve());
  }
  if (data.runs.length > 0) {
    draw('plot-windows', windows());
  }
}

texts();
headline();
tables();
setAside();
if (data.curve.length === 0) {
  document.getElementById('section-curve').remove();
}
drawAll();
dark.addEventListener('change', drawAll);
window.addEventListener('resize', () => plots.forEach(chart => chart.resize()));
