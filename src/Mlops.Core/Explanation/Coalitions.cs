using Mlops.Data;

namespace Mlops.Explanation;

/// <summary>Which sets of features a model is asked about, and how the answers become Shapley values. Immutable, safe for concurrent use.</summary>
internal sealed class Coalitions
{
    private readonly List<Step> _steps = [];

    private Coalitions(int features) => Features = features;

    /// <summary>Gets the number of features.</summary>
    public int Features { get; }

    /// <summary>Gets the sets: whether each feature is in it, shape (sets × features). The first is the empty one, the second has all.</summary>
    public List<bool[]> Sets { get; } = [];

    /// <summary>All sets, each with the weight of L. S. Shapley (1953).</summary>
    public static Coalitions All(int features)
    {
        var coalitions = new Coalitions(features);
        var positions = new int[1 << features];
        for (var mask = 0; mask < positions.Length; mask++) positions[mask] = mask == 0 ? 0 : mask == positions.Length - 1 ? 1 : mask + 1;
        coalitions.Sets.AddRange(Enumerable.Repeat<bool[]>([], positions.Length));
        for (var mask = 0; mask < positions.Length; mask++) coalitions.Sets[positions[mask]] = [.. Enumerable.Range(0, features).Select(i => (mask >> i & 1) == 1)];
        // |S|! (d − |S| − 1)! / d! = 1 / (d C(d − 1, |S|)).
        var weights = new double[features];
        double choices = 1;
        for (var size = 0; size < features; size++)
        {
            weights[size] = 1 / (features * choices);
            choices = choices * (features - 1 - size) / (size + 1);
        }

        for (var mask = 0; mask < positions.Length; mask++)
        {
            for (var i = 0; i < features; i++)
            {
                if ((mask >> i & 1) == 0) coalitions._steps.Add(new Step(i, positions[mask], positions[mask | 1 << i], weights[System.Numerics.BitOperations.PopCount((uint)mask)]));
            }
        }

        return coalitions;
    }

    /// <summary>The sets that orders of the features pass, each order with its reverse, which halves the error of models without interactions of many features.</summary>
    /// <remarks>Source: E. Štrumbelj, I. Kononenko (2014); antithetic pairs after R. Mitchell, J. Cooper, E. Frank, G. Holmes, "Sampling permutations for Shapley value estimation" (2022).</remarks>
    public static Coalitions Sampled(int features, int pairs, ulong seed)
    {
        var coalitions = new Coalitions(features);
        coalitions.Sets.Add(new bool[features]);
        var all = new bool[features];
        Array.Fill(all, true);
        coalitions.Sets.Add(all);
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var pair = 0; pair < pairs; pair++)
        {
            int[] order = Evaluation.RowShuffle.Shuffle([.. Enumerable.Range(0, features)], SplitMix64.At(seed, (ulong)pair));
            coalitions.AddOrder(order, known, 0.5 / pairs);
            Array.Reverse(order);
            coalitions.AddOrder(order, known, 0.5 / pairs);
        }

        return coalitions;
    }

    /// <summary>Adds up what each feature adds.</summary>
    /// <param name="values">What is predicted where the features of each set are known, in the order of <see cref="Sets"/>.</param>
    /// <param name="attributions">Receives the attributions, shape (features).</param>
    public void Attribute(ReadOnlySpan<double> values, Span<double> attributions)
    {
        attributions.Clear();
        foreach (var step in _steps) attributions[step.Feature] += step.Weight * (values[step.After] - values[step.Before]);
    }

    private void AddOrder(int[] order, Dictionary<string, int> known, double weight)
    {
        var (current, before) = (new bool[Features], 0);
        for (var i = 0; i < order.Length; i++)
        {
            current[order[i]] = true;
            var after = i == order.Length - 1 ? 1 : Position(current, known);
            _steps.Add(new Step(order[i], before, after, weight));
            before = after;
        }
    }

    private int Position(bool[] set, Dictionary<string, int> known)
    {
        var key = string.Create(set.Length, set, static (text, flags) =>
        {
            for (var i = 0; i < text.Length; i++) text[i] = flags[i] ? '1' : '0';
        });
        if (known.TryGetValue(key, out var position)) return position;
        Sets.Add((bool[])set.Clone());
        return known[key] = Sets.Count - 1;
    }

    private readonly record struct Step(int Feature, int Before, int After, double Weight);
}
