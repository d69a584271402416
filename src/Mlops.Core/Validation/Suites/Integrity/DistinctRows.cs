using System.Runtime.InteropServices;

namespace Mlops.Validation;

/// <summary>Which digests of rows are kept, so that memory stays bounded: all of them up to a number, then those below a limit that is halved whenever there are too many.</summary>
/// <remarks>
/// Digests are uniform, so those below the limit are a sample of the different rows, in which every row has all its copies. The number of different rows is that of the sample divided by its
/// share; its relative standard error is below √2 / √capacity. Source: P. Flajolet, "On adaptive sampling", Computing 43, 1990 (M. Wegman's method).
/// </remarks>
internal sealed class DistinctRows<TState>(int capacity)
{
    private readonly Dictionary<UInt128, TState> _kept = [];

    /// <summary>Gets how often the limit was halved; 0 where all rows are kept.</summary>
    public int Halvings { get; private set; }

    public bool IsExact => Halvings == 0;

    /// <summary>Gets the number of different rows that are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>Gets the states of the rows that are kept, in no order.</summary>
    public IEnumerable<TState> States => _kept.Values;

    /// <summary>Makes an estimate for all rows of a count of those that are kept.</summary>
    public double Scale(double kept) => Math.ScaleB(kept, Halvings);

    /// <summary>Takes in a row.</summary>
    /// <param name="digest">The digest of the row.</param>
    /// <param name="argument">What the update gets.</param>
    /// <param name="update">Makes the new state of the state, whether there was one, and the argument.</param>
    public void Add<TArgument>(UInt128 digest, TArgument argument, Func<TState?, bool, TArgument, TState> update)
    {
        if (!IsKept(digest)) return;
        ref var state = ref CollectionsMarshal.GetValueRefOrAddDefault(_kept, digest, out var isKnown);
        state = update(state, isKnown, argument);
        while (_kept.Count > capacity)
        {
            Halvings++;
            foreach (var other in _kept.Keys.Where(other => !IsKept(other)).ToArray()) _kept.Remove(other);
        }
    }

    private bool IsKept(UInt128 digest) => Halvings == 0 || digest >> (128 - Halvings) == 0;
}
