namespace Mlops.Data;

/// <summary>Puts whole groups of rows into parts. Groups are numbered; those that are equal in all that matters are taken in the order of their numbers, or of a seed.</summary>
internal static class GroupDealer
{
    /// <summary>Puts each group, the largest first, into the fold with the fewest rows.</summary>
    /// <remarks>Source: longest processing time first, R. L. Graham, SIAM J. Appl. Math. 17, 1969, as in scikit-learn's GroupKFold.</remarks>
    /// <returns>The fold of each group.</returns>
    public static int[] DealToFolds(IReadOnlyList<long> groups, int folds, ulong? seed)
    {
        var foldOf = new int[groups.Count];
        var lightest = new PriorityQueue<int, (long Rows, int Fold)>(folds);
        for (var fold = 0; fold < folds; fold++) lightest.Enqueue(fold, (0, fold));
        foreach (var group in Order(groups, seed))
        {
            lightest.TryDequeue(out var fold, out var place);
            foldOf[group] = fold;
            lightest.Enqueue(fold, (place.Rows + groups[group], fold));
        }

        return foldOf;
    }

    /// <summary>Puts each group, the largest first, into one of the parts that have room for it, drawn in proportion to their room; into that with the most room where it fits in none.</summary>
    /// <param name="groups">The number of rows of each group; at least as many groups as parts.</param>
    /// <param name="totals">The number of rows that each part should have; 0 where it takes none.</param>
    /// <param name="random">Draws.</param>
    /// <returns>The part of each group; no part that should have rows is empty.</returns>
    public static int[] Deal(IReadOnlyList<long> groups, long[] totals, SplitMix64 random)
    {
        var partOf = new int[groups.Count];
        var room = (long[])totals.Clone();
        var isEmpty = totals.Select(total => total > 0).ToArray();
        var left = groups.Count;
        foreach (var group in Order(groups, random.Next()))
        {
            var rows = groups[group];
            var mustFillEmpty = left-- <= isEmpty.Count(isPartEmpty => isPartEmpty);
            long fitting = 0;
            for (var part = 0; part < room.Length; part++) fitting += Fits(part) ? room[part] : 0;
            var chosen = fitting > 0 ? Draw((long)random.Next((ulong)fitting)) : Roomiest();
            partOf[group] = chosen;
            room[chosen] -= rows;
            isEmpty[chosen] = false;

            bool IsOpen(int part) => totals[part] > 0 && (!mustFillEmpty || isEmpty[part]);
            bool Fits(int part) => IsOpen(part) && room[part] >= rows;

            int Draw(long place)
            {
                var part = 0;
                for (; !Fits(part) || place >= room[part]; part++) place -= Fits(part) ? room[part] : 0;
                return part;
            }

            int Roomiest() => Enumerable.Range(0, room.Length).Where(IsOpen).MaxBy(part => room[part]);
        }

        return partOf;
    }

    // The largest groups first; groups of one size in the order of their numbers, or shuffled.
    private static int[] Order(IReadOnlyList<long> groups, ulong? seed)
    {
        var shuffled = Shuffle(groups.Count, seed);
        var sizes = Array.ConvertAll(shuffled, group => -groups[group]);
        var order = new int[shuffled.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        StableSort.Sort<long>(sizes, order);
        return Array.ConvertAll(order, place => shuffled[place]);
    }

    /// <summary>Lists the numbers below a count in order, or shuffled. Source: R. A. Fisher and F. Yates, 1938, by R. Durstenfeld, CACM 7, 1964.</summary>
    public static int[] Shuffle(int count, ulong? seed)
    {
        var numbers = new int[count];
        for (var i = 0; i < count; i++) numbers[i] = i;
        if (seed is not { } value) return numbers;
        var random = new SplitMix64(value);
        for (var last = count - 1; last > 0; last--)
        {
            var other = (int)random.Next((ulong)last + 1);
            (numbers[last], numbers[other]) = (numbers[other], numbers[last]);
        }

        return numbers;
    }
}
