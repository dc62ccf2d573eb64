import { createHash } from 'node:crypto';

/**
 * The script of pages, in plain JavaScript for browsers. It shows a chart's values under the pointer or by
 * arrow keys, offers each figure as SVG and its data as JSON, and follows a training whose page is served.
 */
export const PAGE_SCRIPT = `
'use strict';
(() => {
  const svgSpace = 'http://www.w3.org/2000/svg';
  const numbers = (text) => text.split(' ').map(Number);
  const show = (value) => (value === null ? 'not finite' : String(Number(value.toPrecision(4))));

  function download(name, type, text) {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function offerFiles(figure, svg, data) {
    const name = data.title.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'chart';
    const bar = document.createElement('p');
    bar.className = 'files';
    const button = (label, act) => {
      const element = document.createElement('button');
      element.type = 'button';
      element.textContent = label;
      element.setAttribute('aria-label', data.title + ' as ' + label);
      element.addEventListener('click', act);
      bar.append(element);
    };
    button('SVG', () => {
      const copy = svg.cloneNode(true);
      copy.querySelectorAll('.cursor').forEach((mark) => mark.remove());
      download(name + '.svg', 'image/svg+xml', new XMLSerializer().serializeToString(copy));
    });
    button('JSON', () => download(name + '.json', 'application/json', JSON.stringify(data)));
    figure.append(bar);
  }

  function readValues(figure, svg, data) {
    const [left, right, firstX, lastX] = numbers(svg.dataset.x);
    const [bottom, top, firstY, lastY] = numbers(svg.dataset.y);
    const share = (value, from, to) => (to === from ? 0.5 : (value - from) / (to - from));
    const toX = (value) => left + share(value, firstX, lastX) * (right - left);
    const isLog = 'log' in svg.dataset;
    const scaled = (value) => (isLog ? Math.log(value) : value);
    const toY = (value) => bottom + share(scaled(value), scaled(firstY), scaled(lastY)) * (top - bottom);
    const places = [...new Set(data.series.flatMap(({ x }) => x))].sort((a, b) => a - b);
    if (places.length === 0) return;
    const box = document.createElement('div');
    box.className = 'values';
    box.setAttribute('role', 'status');
    figure.append(box);
    const cursor = document.createElementNS(svgSpace, 'g');
    cursor.setAttribute('class', 'cursor');
    svg.append(cursor);
    let place = -1;
    const hide = () => {
      place = -1;
      box.textContent = '';
      cursor.replaceChildren();
      box.classList.remove('shown');
    };
    const showAt = (index) => {
      place = Math.max(0, Math.min(places.length - 1, index));
      const x = places[place];
      const line = document.createElementNS(svgSpace, 'path');
      line.setAttribute('d', 'M' + toX(x) + ',' + top + 'V' + bottom);
      cursor.replaceChildren(line);
      const rows = [data.xLabel + ' ' + show(x)];
      for (const { name, x: xs, y: ys } of data.series) {
        const at = xs.indexOf(x);
        if (at < 0) continue;
        rows.push(name + ' ' + show(ys[at]));
        if (ys[at] === null || (isLog && !(ys[at] > 0))) continue;
        const dot = document.createElementNS(svgSpace, 'circle');
        dot.setAttribute('cx', toX(x));
        dot.setAttribute('cy', toY(ys[at]));
        dot.setAttribute('r', 4);
        cursor.append(dot);
      }
      box.replaceChildren(...rows.map((row) => {
        const part = document.createElement('span');
        part.textContent = row;
        return part;
      }));
      box.classList.add('shown');
      const area = svg.getBoundingClientRect();
      const within = (toX(x) / svg.viewBox.baseVal.width) * area.width;
      box.style.left = Math.max(0, Math.min(within + 12, area.width - box.offsetWidth - 4)) + 'px';
    };
    svg.addEventListener('pointermove', (event) => {
      const area = svg.getBoundingClientRect();
      const x = ((event.clientX - area.left) / area.width) * svg.viewBox.baseVal.width;
      const distances = places.map((value) => Math.abs(toX(value) - x));
      showAt(distances.indexOf(Math.min(...distances)));
    });
    svg.addEventListener('pointerleave', hide);
    figure.addEventListener('keydown', (event) => {
      const steps = { ArrowLeft: place - 1, ArrowRight: place + 1, Home: 0, End: places.length - 1 };
      if (event.key === 'Escape') hide();
      if (event.target !== figure || !(event.key in steps)) return;
      event.preventDefault();
      showAt(steps[event.key]);
    });
    figure.addEventListener('blur', hide);
  }

  function enhance(root) {
    for (const figure of root.querySelectorAll('.chart-figure, .matrix-figure')) {
      const svg = figure.querySelector('svg');
      const data = JSON.parse(figure.querySelector('script').textContent);
      if (svg.dataset.x) readValues(figure, svg, data);
      offerFiles(figure, svg, data);
    }
  }

  function follow(content) {
    const state = document.getElementById('live-state');
    const stop = document.getElementById('live-stop');
    const events = new EventSource('events');
    events.addEventListener('content', (event) => {
      const open = [...content.querySelectorAll('details')].map((part) => part.open);
      content.innerHTML = JSON.parse(event.data);
      content.querySelectorAll('details').forEach((part, i) => { part.open = open[i] || part.open; });
      enhance(content);
    });
    events.addEventListener('progress', (event) => { state.textContent = JSON.parse(event.data); });
    events.addEventListener('end', (event) => {
      events.close();
      state.textContent = JSON.parse(event.data);
      stop.hidden = true;
    });
    events.addEventListener('error', () => {
      if (events.readyState !== EventSource.CLOSED) state.textContent = 'No connection to the training.';
    });
    stop.addEventListener('click', async () => {
      stop.disabled = true;
      state.textContent = 'Stopping...';
      const answer = await fetch('stop', { method: 'POST' });
      if (!answer.ok) {
        stop.disabled = false;
        state.textContent = 'The training refused to stop: ' + answer.status;
      }
    });
  }

  const content = document.getElementById('content');
  enhance(content);
  if (document.getElementById('live')) follow(content);
})();
`;

/** The hash by which a page's content security policy allows the script, and no other. */
export const SCRIPT_HASH = `sha256-${createHash('sha256').update(PAGE_SCRIPT).digest('base64')}`;
