;; Loops that XNNPACK has no operation for, over the memory of tfjs's wasm backend, 128 bits at a time.
;; `src/wasm/loops.ts` calls them. Addresses and steps are in bytes, numbers are float32.
;; `node tools/build-wasm.mjs` compiles them into `src/wasm/loops-module.ts`.
(module
  (import "env" "memory" (memory 1 65536))

  ;; $target[r][c] += sum over i < $count of $left[i][r] * $right[i][c], for $rows (a multiple of 4) and
  ;; $columns (a multiple of 8): tiles of 4 x 8 sums stay in registers.
  (func (export "addProducts")
    (param $left i32) (param $leftStep i32) (param $right i32) (param $rightStep i32)
    (param $target i32) (param $targetStep i32)
    (param $count i32) (param $rows i32) (param $columns i32)
    (local $i i32) (local $a i32) (local $b i32) (local $c i32) (local $row i32)
    (local $x v128) (local $y v128) (local $each v128)
    (local $x0 v128) (local $x1 v128) (local $x2 v128) (local $x3 v128)
    (local $y0 v128) (local $y1 v128) (local $y2 v128) (local $y3 v128)
    (loop $acrossTiles
      (local.set $row (i32.const 0))
      (local.set $c (local.get $target))
      (loop $downTiles
        (local.set $x0 (v128.const i32x4 0 0 0 0))
        (local.set $x1 (local.get $x0))
        (local.set $x2 (local.get $x0))
        (local.set $x3 (local.get $x0))
        (local.set $y0 (local.get $x0))
        (local.set $y1 (local.get $x0))
        (local.set $y2 (local.get $x0))
        (local.set $y3 (local.get $x0))
        (local.set $a (i32.add (local.get $left) (i32.shl (local.get $row) (i32.const 2))))
        (local.set $b (local.get $right))
        (local.set $i (local.get $count))
        (loop $products
          (local.set $x (v128.load (local.get $b)))
          (local.set $y (v128.load offset=16 (local.get $b)))
          (local.set $each (v128.load32_splat (local.get $a)))
          (local.set $x0 (f32x4.add (local.get $x0) (f32x4.mul (local.get $each) (local.get $x))))
          (local.set $y0 (f32x4.add (local.get $y0) (f32x4.mul (local.get $each) (local.get $y))))
          (local.set $each (v128.load32_splat offset=4 (local.get $a)))
          (local.set $x1 (f32x4.add (local.get $x1) (f32x4.mul (local.get $each) (local.get $x))))
          (local.set $y1 (f32x4.add (local.get $y1) (f32x4.mul (local.get $each) (local.get $y))))
          (local.set $each (v128.load32_splat offset=8 (local.get $a)))
          (local.set $x2 (f32x4.add (local.get $x2) (f32x4.mul (local.get $each) (local.get $x))))
          (local.set $y2 (f32x4.add (local.get $y2) (f32x4.mul (local.get $each) (local.get $y))))
          (local.set $each (v128.load32_splat offset=12 (local.get $a)))
          (local.set $x3 (f32x4.add (local.get $x3) (f32x4.mul (local.get $each) (local.get $x))))
          (local.set $y3 (f32x4.add (local.get $y3) (f32x4.mul (local.get $each) (local.get $y))))
          (local.set $a (i32.add (local.get $a) (local.get $leftStep)))
          (local.set $b (i32.add (local.get $b) (local.get $rightStep)))
          (br_if $products (local.tee $i (i32.sub (local.get $i) (i32.const 1)))))
        (v128.store (local.get $c) (f32x4.add (v128.load (local.get $c)) (local.get $x0)))
        (v128.store offset=16 (local.get $c) (f32x4.add (v128.load offset=16 (local.get $c)) (local.get $y0)))
        (local.set $c (i32.add (local.get $c) (local.get $targetStep)))
        (v128.store (local.get $c) (f32x4.add (v128.load (local.get $c)) (local.get $x1)))
        (v128.store offset=16 (local.get $c) (f32x4.add (v128.load offset=16 (local.get $c)) (local.get $y1)))
        (local.set $c (i32.add (local.get $c) (local.get $targetStep)))
        (v128.store (local.get $c) (f32x4.add (v128.load (local.get $c)) (local.get $x2)))
        (v128.store offset=16 (local.get $c) (f32x4.add (v128.load offset=16 (local.get $c)) (local.get $y2)))
        (local.set $c (i32.add (local.get $c) (local.get $targetStep)))
        (v128.store (local.get $c) (f32x4.add (v128.load (local.get $c)) (local.get $x3)))
        (v128.store offset=16 (local.get $c) (f32x4.add (v128.load offset=16 (local.get $c)) (local.get $y3)))
        (local.set $c (i32.add (local.get $c) (local.get $targetStep)))
        (br_if $downTiles
          (i32.lt_s (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $rows))))
      (local.set $right (i32.add (local.get $right) (i32.const 32)))
      (local.set $target (i32.add (local.get $target) (i32.const 32)))
      (br_if $acrossTiles
        (i32.gt_s
          (local.tee $columns (i32.sub (local.get $columns) (i32.const 8))) (i32.const 0)))))

  ;; $target[c][r] = $source[r][c]. With 4 rows and columns or more, squares of 4 x 4 are transposed in
  ;; registers, 32 rows at a time so that whole cache lines are written. Along a side that is not a
  ;; multiple of 4, the last square overlaps the one before.
  (func (export "turn")
    (param $source i32) (param $sourceStep i32) (param $target i32) (param $targetStep i32)
    (param $rows i32) (param $columns i32)
    (local $band i32) (local $end i32) (local $row i32) (local $column i32) (local $r i32) (local $c i32)
    (local $from i32) (local $to i32)
    (local $a v128) (local $b v128) (local $e v128) (local $d v128)
    (local $ab v128) (local $cd v128)
    (if (i32.or
          (i32.lt_s (local.get $rows) (i32.const 4)) (i32.lt_s (local.get $columns) (i32.const 4)))
      (then
        (loop $eachRow
          (local.set $from (local.get $source))
          (local.set $to (local.get $target))
          (local.set $column (local.get $columns))
          (loop $eachColumn
            (f32.store (local.get $to) (f32.load (local.get $from)))
            (local.set $from (i32.add (local.get $from) (i32.const 4)))
            (local.set $to (i32.add (local.get $to) (local.get $targetStep)))
            (br_if $eachColumn (local.tee $column (i32.sub (local.get $column) (i32.const 1)))))
          (local.set $source (i32.add (local.get $source) (local.get $sourceStep)))
          (local.set $target (i32.add (local.get $target) (i32.const 4)))
          (br_if $eachRow (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
        (return)))
    (loop $bands
      (local.set $end (i32.add (local.get $band) (i32.const 32)))
      (if (i32.gt_s (local.get $end) (local.get $rows)) (then (local.set $end (local.get $rows))))
      (local.set $column (i32.const 0))
      (loop $acrossBand
        (local.set $c (local.get $column))
        (if (i32.gt_s (local.get $c) (i32.sub (local.get $columns) (i32.const 4)))
          (then (local.set $c (i32.sub (local.get $columns) (i32.const 4)))))
        (local.set $row (local.get $band))
        (loop $downBand
          (local.set $r (local.get $row))
          (if (i32.gt_s (local.get $r) (i32.sub (local.get $rows) (i32.const 4)))
            (then (local.set $r (i32.sub (local.get $rows) (i32.const 4)))))
          (local.set $from
            (i32.add (i32.add (local.get $source) (i32.mul (local.get $r) (local.get $sourceStep)))
              (i32.shl (local.get $c) (i32.const 2))))
          (local.set $to
            (i32.add (i32.add (local.get $target) (i32.mul (local.get $c) (local.get $targetStep)))
              (i32.shl (local.get $r) (i32.const 2))))
          (local.set $a (v128.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (local.get $sourceStep)))
          (local.set $b (v128.load (local.get $from)))
          (local.set $from (i32.add (local.get $from) (local.get $sourceStep)))
          (local.set $e (v128.load (local.get $from)))
          (local.set $d (v128.load (i32.add (local.get $from) (local.get $sourceStep))))
          (local.set $ab ;; a0 b0 a1 b1
            (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b)))
          (local.set $cd
            (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $e) (local.get $d)))
          (v128.store (local.get $to)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd)))
          (local.set $to (i32.add (local.get $to) (local.get $targetStep)))
          (v128.store (local.get $to)
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd)))
          (local.set $to (i32.add (local.get $to) (local.get $targetStep)))
          (local.set $ab ;; a2 b2 a3 b3
            (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b)))
          (local.set $cd
            (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $e) (local.get $d)))
          (v128.store (local.get $to)
            (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $ab) (local.get $cd)))
          (v128.store (i32.add (local.get $to) (local.get $targetStep))
            (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $ab) (local.get $cd)))
          (br_if $downBand
            (i32.lt_s (local.tee $row (i32.add (local.get $row) (i32.const 4))) (local.get $end))))
        (br_if $acrossBand
          (i32.lt_s
            (local.tee $column (i32.add (local.get $column) (i32.const 4))) (local.get $columns))))
      (br_if $bands
        (i32.lt_s (local.tee $band (i32.add (local.get $band) (i32.const 32))) (local.get $rows)))))

  ;; Four numbers for each of $taps of each of $count sources:
  ;; $target[i][tap] += $source[i][tap], where the rows of $target may overlap.
  (func (export "addTaps")
    (param $source i32) (param $sourceStep i32) (param $target i32) (param $targetStep i32)
    (param $count i32) (param $taps i32) (param $sourceTap i32) (param $targetTap i32)
    (local $from i32) (local $to i32) (local $tap i32)
    (loop $each
      (local.set $from (local.get $source))
      (local.set $to (local.get $target))
      (local.set $tap (local.get $taps))
      (loop $eachTap
        (v128.store (local.get $to)
          (f32x4.add (v128.load (local.get $to)) (v128.load (local.get $from))))
        (local.set $from (i32.add (local.get $from) (local.get $sourceTap)))
        (local.set $to (i32.add (local.get $to) (local.get $targetTap)))
        (br_if $eachTap (local.tee $tap (i32.sub (local.get $tap) (i32.const 1)))))
      (local.set $source (i32.add (local.get $source) (local.get $sourceStep)))
      (local.set $target (i32.add (local.get $target) (local.get $targetStep)))
      (br_if $each (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; The same with $target[i][tap] = $source[i][tap], where the rows of $source may overlap.
  (func (export "copyTaps")
    (param $source i32) (param $sourceStep i32) (param $target i32) (param $targetStep i32)
    (param $count i32) (param $taps i32) (param $sourceTap i32) (param $targetTap i32)
    (local $from i32) (local $to i32) (local $tap i32)
    (loop $each
      (local.set $from (local.get $source))
      (local.set $to (local.get $target))
      (local.set $tap (local.get $taps))
      (loop $eachTap
        (v128.store (local.get $to) (v128.load (local.get $from)))
        (local.set $from (i32.add (local.get $from) (local.get $sourceTap)))
        (local.set $to (i32.add (local.get $to) (local.get $targetTap)))
        (br_if $eachTap (local.tee $tap (i32.sub (local.get $tap) (i32.const 1)))))
      (local.set $source (i32.add (local.get $source) (local.get $sourceStep)))
      (local.set $target (i32.add (local.get $target) (local.get $targetStep)))
      (br_if $each (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))
)
