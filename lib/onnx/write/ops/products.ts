import type { NodeWriter } from '../node.js';

export function dense(writer: NodeWriter<'dense'>): void {
  const inputs = [writer.last(), writer.parameter('kernel')];
  const bias = writer.parameter('bias');
  const isVector = writer.shape().length === 1;
  const product = isVector ? writer.add('Gemm', [...inputs, bias]) : writer.add('MatMul', inputs);
  writer.give(isVector || bias === undefined ? product : writer.add('Add', [product, bias]));
}

export function embedding(writer: NodeWriter<'embedding'>): void {
  const indices = writer.add('Cast', [writer.last()], { to: 7 });
  writer.give(writer.add('Gather', [writer.parameter('embeddings'), indices], { axis: 0 }));
}
