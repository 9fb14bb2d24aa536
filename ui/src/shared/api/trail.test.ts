import { describe, expect, it } from 'vitest';
import { Trail } from '@/shared/api/trail';

const page = (length: number, next: string | null, total: number | null = null) => ({ length, next, total });

describe('a trail', () => {
  it('begins with one page of which nothing is known', () => {
    const trail = new Trail();
    expect(trail.known).toBe(0);
    expect(trail.pages(0, 40)).toEqual([0]);
    expect(trail.cursor(0)).toBeUndefined();
    expect(trail.ended).toBe(false);
  });

  it('leads from page to page, wherever they are cut', () => {
    const trail = new Trail();
    trail.note(0, page(100, 'b', 230));
    trail.note(1, page(30, 'c'));
    expect(trail.known).toBe(130);
    expect(trail.total).toBe(230);
    expect(trail.pageOf(99)).toBe(0);
    expect(trail.pageOf(100)).toBe(1);
    expect(trail.pageOf(129)).toBe(1);
    expect(trail.pageOf(5000)).toBe(2);
    expect(trail.pages(90, 140)).toEqual([0, 1, 2]);
    trail.note(2, page(100, null));
    expect(trail.ended).toBe(true);
    expect(trail.known).toBe(230);
    expect(trail.pages(229, 229)).toEqual([2]);
  });

  it('goes over pages on which nothing matched', () => {
    const trail = new Trail();
    trail.note(0, page(0, 'b'));
    expect(trail.pages(0, 20)).toEqual([1]);
    trail.note(1, page(0, 'c'));
    trail.note(2, page(2, 'd'));
    expect(trail.pages(0, 1)).toEqual([2]);
    expect(trail.pages(0, 20)).toEqual([2, 3]);
    trail.note(3, page(0, null));
    expect(trail.known).toBe(2);
    expect(trail.ended).toBe(true);
  });

  it('goes on asking for a list that is empty', () => {
    const trail = new Trail();
    trail.note(0, page(0, null));
    expect(trail.ended).toBe(true);
    expect(trail.pages(0, 0)).toEqual([0]);
    trail.note(0, page(3, null));
    expect(trail.known).toBe(3);
    expect(trail.pages(0, 2)).toEqual([0]);
  });

  it('follows a list that moved', () => {
    const trail = new Trail();
    trail.note(0, page(100, 'b'));
    trail.note(1, page(100, 'c'));
    trail.note(0, page(100, 'b2'));
    expect(trail.cursor(1)).toBe('b2');
    expect(trail.known).toBe(200);
    trail.note(1, page(40, null));
    expect(trail.known).toBe(140);
    expect(trail.cursor(2)).toBeUndefined();
    trail.note(1, page(100, 'c3'));
    expect(trail.ended).toBe(false);
    expect(trail.cursor(2)).toBe('c3');
  });

  it('tells of changes only', () => {
    const trail = new Trail();
    let told = 0;
    const leave = trail.subscribe(() => told++);
    trail.note(0, page(100, 'b'));
    trail.note(0, page(100, 'b'));
    expect(told).toBe(1);
    expect(trail.version).toBe(1);
    leave();
    trail.note(0, page(100, null));
    expect(told).toBe(1);
  });
});
