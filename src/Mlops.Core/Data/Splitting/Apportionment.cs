namespace Mlops.Data;

/// <summary>Shares whole rows out to parts, each within one row of its ideal.</summary>
internal static class Apportionment
{
    private const double RoundingError = 1e-12;

    /// <summary>Shares rows out by the largest remainder; a part with a share gets at least one row.</summary>
    /// <param name="rows">The number of rows, at least the number of parts with a share.</param>
    /// <param name="ratios">The share of each part; together 1.</param>
    public static long[] Share(long rows, double[] ratios)
    {
        var shared = ShareByRemainder(rows, ratios);
        for (var part = 0; part < shared.Length; part++)
        {
            if (ratios[part] == 0 || shared[part] > 0) continue;
            shared[Array.IndexOf(shared, shared.Max())]--;
            shared[part]++;
        }

        return shared;
    }

    /// <summary>Shares the rows of some strata out so that both each stratum's share of each part and the parts' totals are within one row of their ideals.</summary>
    /// <remarks>
    /// Controlled rounding of a table: each stratum is rounded by its largest remainders; then roundings are exchanged between parts, along the shortest chain and where they cost
    /// least, until the totals are right. Source: L. H. Cox, "A constructive procedure for unbiased controlled rounding", JASA 82, 1987, for the existence.
    /// </remarks>
    /// <param name="strata">The number of rows of each stratum.</param>
    /// <param name="ratios">The share of each part; together 1.</param>
    /// <param name="totals">The number of rows of each part.</param>
    /// <returns>The number of rows of each stratum in each part.</returns>
    public static long[][] Share(IReadOnlyList<long> strata, double[] ratios, long[] totals)
    {
        var table = strata.Select(rows => ShareByRemainder(rows, ratios)).ToArray();
        var excess = new long[ratios.Length];
        for (var part = 0; part < excess.Length; part++) excess[part] = table.Sum(shares => shares[part]) - totals[part];
        new Exchange(table, strata, ratios, excess).Run();
        return table;
    }

    /// <summary>Deals the rows of strata, one stratum after another, to folds in turn.</summary>
    /// <remarks>Each fold's share of each stratum, and of all rows, is within one row of its ideal: scikit-learn's StratifiedKFold.</remarks>
    /// <returns>The number of rows of each stratum in each fold.</returns>
    public static long[][] Deal(IReadOnlyList<long> strata, int folds)
    {
        var table = new long[strata.Count][];
        long start = 0;
        for (var stratum = 0; stratum < table.Length; stratum++)
        {
            var end = start + strata[stratum];
            table[stratum] = new long[folds];
            for (var fold = 0; fold < folds; fold++) table[stratum][fold] = ((end - fold + folds - 1) / folds) - ((start - fold + folds - 1) / folds);
            start = end;
        }

        return table;
    }

    private static long[] ShareByRemainder(long rows, double[] ratios)
    {
        var remainders = new double[ratios.Length];
        var shared = new long[ratios.Length];
        for (var part = 0; part < shared.Length; part++) (shared[part], remainders[part]) = Split(rows, ratios[part]);
        for (var left = rows - shared.Sum(); left > 0; left--)
        {
            var largest = Array.IndexOf(remainders, remainders.Max());
            shared[largest]++;
            remainders[largest] = 0;
        }

        return shared;
    }

    // 0.1 × 30 is three rows, though not in binary floating point.
    private static (long Rows, double Remainder) Split(long rows, double ratio)
    {
        var ideal = rows * ratio;
        var nearest = Math.Round(ideal);
        if (Math.Abs(ideal - nearest) <= RoundingError * Math.Max(1, nearest)) return ((long)nearest, 0);
        return ((long)Math.Floor(ideal), ideal - Math.Floor(ideal));
    }

    private sealed class Exchange(long[][] table, IReadOnlyList<long> strata, double[] ratios, long[] excess)
    {
        private readonly int _parts = ratios.Length;
        // For each pair of parts the strata in which a row can move from the one to the other, the cheapest first.
        private readonly List<int>[] _movable = [.. Enumerable.Range(0, ratios.Length * ratios.Length).Select(_ => new List<int>())];
        private readonly int[] _next = new int[ratios.Length * ratios.Length];

        public void Run()
        {
            if (Array.TrueForAll(excess, rows => rows == 0)) return;
            for (var from = 0; from < _parts; from++)
            {
                for (var to = 0; to < _parts; to++) List(from, to);
            }

            for (var from = Array.FindIndex(excess, rows => rows > 0); from >= 0; from = Array.FindIndex(excess, rows => rows > 0)) MoveFrom(from);
        }

        private void List(int from, int to)
        {
            var pair = (from * _parts) + to;
            for (var stratum = 0; stratum < table.Length; stratum++)
            {
                if (CanMove(stratum, from, to)) _movable[pair].Add(stratum);
            }

            var costs = _movable[pair].Select(stratum => Split(strata[stratum], ratios[from]).Remainder - Split(strata[stratum], ratios[to]).Remainder).ToArray();
            var order = _movable[pair].ToArray();
            StableSort.Sort<double>(costs, order);
            _movable[pair] = [.. order];
        }

        private void MoveFrom(int from)
        {
            // With three parts a chain has one or two moves.
            for (var to = 0; to < _parts; to++)
            {
                if (excess[to] < 0 && TryMove(from, to)) return;
            }

            for (var to = 0; to < _parts; to++)
            {
                for (var between = 0; excess[to] < 0 && between < _parts; between++)
                {
                    if (between == from || between == to || !CanMove(between, to) || !TryMove(from, between)) continue;
                    if (!TryMove(between, to)) throw new InvalidOperationException("A row that could move cannot any longer.");
                    return;
                }
            }

            // So few rows that a part with a share below one row gets one: it comes from the stratum that has most.
            var target = Array.FindIndex(excess, rows => rows < 0);
            var richest = Enumerable.Range(0, table.Length).MaxBy(stratum => table[stratum][from]);
            Move(richest, from, target);
        }

        private bool TryMove(int from, int to)
        {
            if (!CanMove(from, to)) return false;
            var pair = (from * _parts) + to;
            Move(_movable[pair][_next[pair]++], from, to);
            return true;
        }

        // Strata that cannot move any longer are passed over.
        private bool CanMove(int from, int to)
        {
            var pair = (from * _parts) + to;
            while (_next[pair] < _movable[pair].Count && !CanMove(_movable[pair][_next[pair]], from, to)) _next[pair]++;
            return _next[pair] < _movable[pair].Count;
        }

        private bool CanMove(int stratum, int from, int to) => from != to && IsUp(stratum, from) is true && IsUp(stratum, to) is false;

        // Whether a share was rounded up; null where it is a whole number, which stays as it is.
        private bool? IsUp(int stratum, int part)
        {
            var (rows, remainder) = Split(strata[stratum], ratios[part]);
            return remainder == 0 ? null : table[stratum][part] > rows;
        }

        private void Move(int stratum, int from, int to)
        {
            table[stratum][from]--;
            table[stratum][to]++;
            excess[from]--;
            excess[to]++;
            for (var part = 0; part < _parts; part++)
            {
                if (CanMove(stratum, to, part)) _movable[(to * _parts) + part].Add(stratum);
                if (CanMove(stratum, part, from)) _movable[(part * _parts) + from].Add(stratum);
            }
        }
    }
}
