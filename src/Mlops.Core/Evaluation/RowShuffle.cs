using Mlops.Data;

namespace Mlops.Evaluation;

/// <summary>Orders at random that a seed repeats.</summary>
internal static class RowShuffle
{
    /// <summary>Shuffles in place, in the way of R. A. Fisher and F. Yates.</summary>
    public static int[] Shuffle(int[] order, ulong seed)
    {
        var random = new SplitMix64(seed);
        for (var i = order.Length - 1; i > 0; i--)
        {
            var other = (int)random.Next((ulong)i + 1);
            (order[i], order[other]) = (order[other], order[i]);
        }

        return order;
    }
}
