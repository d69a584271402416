using Mlops.Data;

namespace Mlops.Monitoring;

/// <summary>The law of a sum of terms of which each is as likely with the one sign as with the other.</summary>
internal static class SignFlips
{
    // Of more, the sum is normal.
    private const int MostTerms = 1024;

    private const int BitsPerDraw = 64;

    /// <summary>Computes the probability of a sum at least as large, and the sum that is as unlikely as the significance.</summary>
    /// <param name="terms">The terms as they are.</param>
    /// <param name="permutations">How many flips are drawn.</param>
    /// <param name="seed">The seed of the flips.</param>
    /// <param name="significance">The significance.</param>
    /// <remarks>
    /// Of few terms by drawn signs, and where these are too few for the significance by Hoeffding's bound exp(−S²/2Σt²); of more by the normal law of S/√Σt², whose tail is no lighter than that of the signs. Dividing
    /// by the deviation about the mean instead would give too small p-values for few terms. Source: B. Efron, "Student's t-test under symmetry conditions", Journal of the American Statistical Association 64, 1969.
    /// </remarks>
    public static (double PValue, double Critical) Compare(double[] terms, int permutations, ulong seed, double significance)
    {
        double sum = 0, squares = 0, size = 0;
        foreach (var term in terms) (sum, squares, size) = (sum + term, squares + (term * term), size + Math.Abs(term));
        if (squares == 0) return (1, 0);
        var ratio = sum / Math.Sqrt(squares);
        if (terms.Length > MostTerms) return (NormalDistribution.UpperTail(ratio), NormalDistribution.UpperQuantile(significance) * Math.Sqrt(squares));
        var sums = new double[permutations + 1];
        sums[0] = sum;
        var random = new SplitMix64(seed);
        for (var flip = 1; flip < sums.Length; flip++) sums[flip] = Flip(terms, ref random);
        var bound = ratio > 0 ? Math.Exp(-ratio * ratio / 2) : 1;
        return (PermutationTest.GetPValue(sums, 1e-12 * size, significance, bound), PermutationTest.GetCritical(sums, 1e-12 * size, significance));
    }

    private static double Flip(double[] terms, ref SplitMix64 random)
    {
        var (sum, signs) = (0.0, 0UL);
        for (var i = 0; i < terms.Length; i++)
        {
            if (i % BitsPerDraw == 0) signs = random.Next();
            sum += (signs & 1) == 0 ? terms[i] : -terms[i];
            signs >>= 1;
        }

        return sum;
    }
}
