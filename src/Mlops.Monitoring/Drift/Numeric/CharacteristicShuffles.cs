using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The law of the Epps–Singleton statistic when labels are shuffled.</summary>
/// <remarks>A shuffle deals the rows of the smaller sample; the sums of the other are what is left of those of both. Time O(smaller · shuffles).</remarks>
internal static class CharacteristicShuffles
{
    private const int Size = CharacteristicMoments.Size;
    private const int Shuffles = 1999;
    private const int MostShuffles = 20_000;

    /// <summary>Equal forms may differ by so much of their size.</summary>
    private const double Tolerance = 1e-9;

    /// <summary>Gets how likely a quadratic form is that is at least as large, and the one from which on that is significant.</summary>
    /// <param name="x">The reference, on the scale of both.</param>
    /// <param name="y">The current values.</param>
    /// <param name="middle">What is taken off the values.</param>
    /// <param name="scale">What they are divided by.</param>
    /// <param name="form">The form of the samples as they are.</param>
    /// <param name="significance">The significance.</param>
    /// <param name="seed">The seed of the test, to which the samples add theirs.</param>
    public static (double PValue, double Critical) Test(double[] x, double[] y, double middle, double scale, double form, double significance, ulong seed)
    {
        // The same shuffles whichever is the reference.
        if (x.Length > y.Length || (x.Length == y.Length && x.AsSpan().SequenceCompareTo(y) > 0)) (x, y) = (y, x);
        var figures = CharacteristicMoments.GetFigures([.. x, .. y], middle, scale);
        double[] all = new double[Size], allProducts = new double[Size * Size], sums = new double[Size], products = new double[Size * Size];
        var order = new int[x.Length + y.Length];
        for (var row = 0; row < order.Length; row++) Add(figures, order[row] = row, all, allProducts);
        var random = new SplitMix64(PooledGrid.Create(x, y).GetSeed(seed));
        var forms = new double[(int)Math.Min(MostShuffles, Math.Max(Shuffles, Math.Ceiling(2 / significance)))];
        var atLeast = 0;
        for (var shuffle = 0; shuffle < forms.Length; shuffle++)
        {
            Array.Clear(sums);
            Array.Clear(products);
            for (var i = 0; i < x.Length; i++)
            {
                var j = i + (int)random.Next((ulong)(order.Length - i));
                (order[i], order[j]) = (order[j], order[i]);
                Add(figures, order[i], sums, products);
            }

            var dealt = CharacteristicMoments.Of(x.Length, sums, products);
            for (var i = 0; i < Size; i++) sums[i] = all[i] - sums[i];
            for (var i = 0; i < products.Length; i++) products[i] = allProducts[i] - products[i];
            forms[shuffle] = CharacteristicMoments.Compare(dealt, CharacteristicMoments.Of(y.Length, sums, products)).Form;
            if (forms[shuffle] >= form * (1 - Tolerance)) atLeast++;
        }

        Array.Sort(forms);
        return ((1.0 + atLeast) / (1 + forms.Length), SimulatedLimit.Find(forms, significance) * (1 + (2 * Tolerance)));
    }

    private static void Add(double[][] figures, int row, double[] sums, double[] products)
    {
        for (var i = 0; i < Size; i++)
        {
            var figure = figures[i][row];
            sums[i] += figure;
            for (var j = 0; j < Size; j++) products[(i * Size) + j] += figure * figures[j][row];
        }
    }
}
