;; Separable resampling of RGB bytes with 16-bit coefficients (14 fractional bits), 128 bits at a time.
;; `src/resample.ts` makes the coefficients and calls this; `resample.test.ts` holds it against plain loops.
;; Compiled by `node tools/build-wasm.mjs` into `src/images/resample-wasm.ts`.
;;
;; Loads may run past what they need by 15 bytes, stores past the last pixel by 1: the caller leaves room.
(module
  (memory (export "memory") 1)

  ;; One half: added before the shift by 14, so that it rounds.
  (global $half i32 (i32.const 8192))

  ;; From rows to fewer or more rows: for each of $count rows, the weighted sum of $pairs * 2 rows of $source,
  ;; from row $first[i] on. Rows are $stride bytes apart in $source and $bytes (a multiple of 16) in $target.
  (func (export "vertical")
    (param $source i32) (param $stride i32) (param $target i32) (param $bytes i32)
    (param $count i32) (param $first i32) (param $weights i32) (param $pairs i32)
    (local $x i32) (local $row i32) (local $pair i32) (local $at i32) (local $weight i32)
    (local $a v128) (local $b v128) (local $c v128) (local $mixed v128)
    (local $sum0 v128) (local $sum1 v128) (local $sum2 v128) (local $sum3 v128)
    (loop $rows
      (local.set $row
        (i32.add (local.get $source) (i32.mul (i32.load (local.get $first)) (local.get $stride))))
      (local.set $x (i32.const 0))
      (loop $columns
        (local.set $sum0 (i32x4.splat (global.get $half)))
        (local.set $sum1 (local.get $sum0))
        (local.set $sum2 (local.get $sum0))
        (local.set $sum3 (local.get $sum0))
        (local.set $at (i32.add (local.get $row) (local.get $x)))
        (local.set $weight (local.get $weights))
        (local.set $pair (local.get $pairs))
        (loop $taps
          (local.set $a (v128.load (local.get $at)))
          (local.set $at (i32.add (local.get $at) (local.get $stride)))
          (local.set $b (v128.load (local.get $at)))
          (local.set $at (i32.add (local.get $at) (local.get $stride)))
          (local.set $c (v128.load32_splat (local.get $weight)))
          (local.set $weight (i32.add (local.get $weight) (i32.const 4)))
          (local.set $mixed
            (i8x16.shuffle 0 16 1 17 2 18 3 19 4 20 5 21 6 22 7 23 (local.get $a) (local.get $b)))
          (local.set $sum0 (i32x4.add (local.get $sum0)
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_u (local.get $mixed)) (local.get $c))))
          (local.set $sum1 (i32x4.add (local.get $sum1)
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_u (local.get $mixed)) (local.get $c))))
          (local.set $mixed
            (i8x16.shuffle 8 24 9 25 10 26 11 27 12 28 13 29 14 30 15 31 (local.get $a) (local.get $b)))
          (local.set $sum2 (i32x4.add (local.get $sum2)
            (i32x4.dot_i16x8_s (i16x8.extend_low_i8x16_u (local.get $mixed)) (local.get $c))))
          (local.set $sum3 (i32x4.add (local.get $sum3)
            (i32x4.dot_i16x8_s (i16x8.extend_high_i8x16_u (local.get $mixed)) (local.get $c))))
          (br_if $taps (local.tee $pair (i32.sub (local.get $pair) (i32.const 1)))))
        (v128.store (i32.add (local.get $target) (local.get $x))
          (i8x16.narrow_i16x8_u
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $sum0) (i32.const 14))
              (i32x4.shr_s (local.get $sum1) (i32.const 14)))
            (i16x8.narrow_i32x4_s
              (i32x4.shr_s (local.get $sum2) (i32.const 14))
              (i32x4.shr_s (local.get $sum3) (i32.const 14)))))
        (br_if $columns
          (i32.lt_s (local.tee $x (i32.add (local.get $x) (i32.const 16))) (local.get $bytes))))
      (local.set $target (i32.add (local.get $target) (local.get $bytes)))
      (local.set $first (i32.add (local.get $first) (i32.const 4)))
      (local.set $weights (i32.add (local.get $weights) (i32.shl (local.get $pairs) (i32.const 2))))
      (br_if $rows (local.tee $count (i32.sub (local.get $count) (i32.const 1))))))

  ;; From columns to fewer or more columns: in each of $rows rows of $source, $stride bytes apart, $count
  ;; pixels, each the weighted sum of $quads * 4 pixels from byte $first[i] on. Rows of $target are tight.
  (func (export "horizontal")
    (param $source i32) (param $stride i32) (param $target i32) (param $rows i32)
    (param $count i32) (param $first i32) (param $weights i32) (param $quads i32)
    (local $pixel i32) (local $weight i32) (local $start i32) (local $quad i32) (local $at i32)
    (local $v v128) (local $sum v128)
    (loop $lines
      (local.set $pixel (local.get $count))
      (local.set $weight (local.get $weights))
      (local.set $start (local.get $first))
      (loop $pixels
        (local.set $sum (i32x4.splat (global.get $half)))
        (local.set $at (i32.add (local.get $source) (i32.load (local.get $start))))
        (local.set $quad (local.get $quads))
        (loop $taps
          ;; Four pixels as r0 r1 g0 g1 b0 b1 0 0, r2 r3 g2 g3 b2 b3 0 0.
          (local.set $v
            (i8x16.shuffle 0 3 1 4 2 5 16 16 6 9 7 10 8 11 16 16
              (v128.load (local.get $at)) (v128.const i32x4 0 0 0 0)))
          (local.set $sum (i32x4.add (local.get $sum)
            (i32x4.add
              (i32x4.dot_i16x8_s
                (i16x8.extend_low_i8x16_u (local.get $v))
                (v128.load32_splat (local.get $weight)))
              (i32x4.dot_i16x8_s
                (i16x8.extend_high_i8x16_u (local.get $v))
                (v128.load32_splat offset=4 (local.get $weight))))))
          (local.set $weight (i32.add (local.get $weight) (i32.const 8)))
          (local.set $at (i32.add (local.get $at) (i32.const 12)))
          (br_if $taps (local.tee $quad (i32.sub (local.get $quad) (i32.const 1)))))
        (local.set $v (i32x4.shr_s (local.get $sum) (i32.const 14)))
        (local.set $v (i16x8.narrow_i32x4_s (local.get $v) (local.get $v)))
        (v128.store32_lane 0 (local.get $target)
          (i8x16.narrow_i16x8_u (local.get $v) (local.get $v)))
        (local.set $target (i32.add (local.get $target) (i32.const 3)))
        (local.set $start (i32.add (local.get $start) (i32.const 4)))
        (br_if $pixels (local.tee $pixel (i32.sub (local.get $pixel) (i32.const 1)))))
      (local.set $source (i32.add (local.get $source) (local.get $stride)))
      (br_if $lines (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))))
