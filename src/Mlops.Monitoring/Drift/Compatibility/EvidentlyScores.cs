namespace Mlops.Monitoring;

/// <summary>The drift scores of Evidently.</summary>
/// <remarks>Each is no number, with the reason, where Evidently raises an exception or has none.</remarks>
internal static class EvidentlyScores
{
    private const int MaximumSeparateValues = 20;
    private const double ReplacedShare = 1e-4;
    private const double SmallestDeviation = 0.001;
    private const int MaximumExactRows = 10_000;
    private const int MaximumCountedRows = 20;
    private const double SmallestCriticalAndersonDarling = 0.325;
    private const double LargestCriticalAndersonDarling = 6.546;
    private const int MaximumCountedRanks = 8;

    private static readonly DriftTestOptions s_anyCount = new() { MinimumCount = 1, MinimumEffect = 0 };

    public static string GetName(EvidentlyMethod method) => method switch
    {
        EvidentlyMethod.AndersonDarling => "anderson",
        EvidentlyMethod.ChiSquare => "chisquare",
        EvidentlyMethod.CramerVonMises => "cramer_von_mises",
        EvidentlyMethod.EnergyDistance => "ed",
        EvidentlyMethod.EppsSingleton => "es",
        EvidentlyMethod.FisherExact => "fisher_exact",
        EvidentlyMethod.GTest => "g_test",
        EvidentlyMethod.Hellinger => "hellinger",
        EvidentlyMethod.JensenShannon => "jensenshannon",
        EvidentlyMethod.KolmogorovSmirnov => "ks",
        EvidentlyMethod.KullbackLeibler => "kl_div",
        EvidentlyMethod.MannWhitney => "mannw",
        EvidentlyMethod.PopulationStabilityIndex => "psi",
        EvidentlyMethod.StudentT => "t_test",
        EvidentlyMethod.Wasserstein => "wasserstein",
        _ => "z",
    };

    public static bool IsPValue(EvidentlyMethod method) => method is not (EvidentlyMethod.EnergyDistance or EvidentlyMethod.Hellinger or EvidentlyMethod.JensenShannon
        or EvidentlyMethod.KullbackLeibler or EvidentlyMethod.PopulationStabilityIndex or EvidentlyMethod.Wasserstein);

    /// <summary>Gets a score of counts without categories that neither sample has, ordered as Evidently orders them.</summary>
    public static (double? Score, string Reason) GetOfCategories(EvidentlyMethod method, long[] reference, long[] current)
    {
        double n = reference.Sum(), m = current.Sum();
        switch (method)
        {
            case EvidentlyMethod.TwoProportions:
                return (GetTwoProportions(reference, current, n, m), "");
            case EvidentlyMethod.ChiSquare or EvidentlyMethod.GTest when reference.Length == 1:
                return (null, "There is one category only, for which Evidently has no number.");
            case EvidentlyMethod.ChiSquare:
                return (GetGoodnessOfFit(reference, current, m / n, isLikelihood: false), "");
            case EvidentlyMethod.GTest when n != m:
                return (null, "Evidently's G test raises an exception for samples of different sizes.");
            case EvidentlyMethod.GTest:
                return (GetGoodnessOfFit(reference, current, 1, isLikelihood: true), "");
            case EvidentlyMethod.FisherExact when n != m || reference.Length > 2:
                return (null, "Evidently's exact test raises an exception for samples of different sizes and for more than two categories.");
            case EvidentlyMethod.FisherExact:
                return (reference.Length == 1 ? 1 : FisherExact.GetPValue(reference[0], reference[1], current[0], current[1], Alternative.TwoSided), "");
            case EvidentlyMethod.Hellinger:
                return (GetHellinger(reference, current), "");
            case EvidentlyMethod.JensenShannon or EvidentlyMethod.KullbackLeibler or EvidentlyMethod.PopulationStabilityIndex:
                return (GetDivergence(method, reference, current), "");
            default:
                return (null, "Evidently has this test for numbers only.");
        }
    }

    /// <summary>Gets a divergence of numbers: by Sturges' bins over both samples, or by value when the reference has few.</summary>
    public static (double? Score, string Reason) GetOfBins(EvidentlyMethod method, double[] x, double[] y, (long[] Reference, long[] Current) values)
    {
        if (values.Reference.Count(count => count > 0) <= MaximumSeparateValues) return (GetDivergence(method, values.Reference, values.Current), "");
        var edges = Binning.Sturges.GetEdges([.. x, .. y]);
        return (GetDivergence(method, edges.Count(x), edges.Count(y)), "");
    }

    /// <summary>Gets the Hellinger distance of numbers: bins by Sturges' rule over the different values, each taken once.</summary>
    public static (double? Score, string Reason) GetHellinger(double[] x, double[] y)
    {
        double[] values = [.. x.Concat(y).Distinct()];
        var edges = Binning.Sturges.GetEdges(values);
        return (GetHellinger(edges.Count(x), edges.Count(y)), "");
    }

    public static (double? Score, string Reason) GetOfNumbers(EvidentlyMethod method, double[] x, double[] y)
    {
        switch (method)
        {
            case EvidentlyMethod.KolmogorovSmirnov:
                return FromTest(new KolmogorovSmirnov(Alternative.TwoSided, Math.Max(x.Length, y.Length) <= MaximumExactRows ? PValueMethod.Exact : PValueMethod.Asymptotic), x, y);
            case EvidentlyMethod.Wasserstein:
                return (CompatibleSample.Integrate(x, y, isSquared: false) / Math.Max(CompatibleSample.GetDeviation(x), SmallestDeviation), "The distance overflows.");
            case EvidentlyMethod.EnergyDistance:
                return (Math.Sqrt(2 * CompatibleSample.Integrate(x, y, isSquared: true)), "The distance overflows.");
            case EvidentlyMethod.MannWhitney:
                var isCounted = Math.Min(x.Length, y.Length) <= MaximumCountedRanks && !HasTies(x, y);
                return FromTest(new MannWhitney(Alternative.Less, isCounted ? PValueMethod.Exact : PValueMethod.Asymptotic), x, y);
            case EvidentlyMethod.StudentT:
                return x.Length + y.Length <= 2 || Math.Min(x.Length, y.Length) < 2 || (x[0] == x[^1] && y[0] == y[^1] && x[0] == y[0])
                    ? (null, "Evidently's t-test has no number for samples of one value.")
                    : x[0] == x[^1] && y[0] == y[^1] ? (0, "") : FromTest(new StudentT(), x, y);
            case EvidentlyMethod.EppsSingleton:
                return Math.Min(x.Length, y.Length) >= 5 && x[0] == x[^1] && y[0] == y[^1] && x[0] != y[0] ? (0, "") : FromTest(new EppsSingleton(PValueMethod.Asymptotic), x, y);
            case EvidentlyMethod.AndersonDarling:
                return x.Length + y.Length <= 2 || (x[0] == x[^1] && y[0] == y[^1] && x[0] == y[0])
                    ? (null, "Evidently's Anderson-Darling test raises an exception for one different value, and for one value on either side.")
                    : (GetAndersonDarling(AndersonDarling.GetStatistic(x, y, isMidrank: true)), "");
            case EvidentlyMethod.CramerVonMises:
                return Math.Min(x.Length, y.Length) < 2 ? (null, "Evidently's Cramér-von Mises test raises an exception for one value.") : (GetCramerVonMises(x, y), "");
            default:
                return (null, "Evidently has this test for categories only.");
        }
    }

    private static (double? Score, string Reason) FromTest(ISampleDriftTest test, double[] x, double[] y)
    {
        var result = test.Test(x, y, s_anyCount);
        return (result.PValue, result.Reason);
    }

    private static double GetAndersonDarling(double statistic) => statistic switch
    {
        < SmallestCriticalAndersonDarling => 0.25,
        > LargestCriticalAndersonDarling => 0.001,
        _ => Math.Clamp(AndersonDarlingDistribution.InterpolateUpperTail(statistic), 0.001, 0.25),
    };

    private static bool HasTies(double[] x, double[] y)
    {
        double[] pooled = [.. x, .. y];
        return pooled.Distinct().Count() < pooled.Length;
    }

    private static double GetTwoProportions(long[] reference, long[] current, double n, double m)
    {
        // The first category against all others, however many there are.
        var pooled = (reference[0] + current[0]) / (n + m);
        if (reference.Length == 1 || pooled is 0 or 1) return 1;
        var z = ((reference[0] / n) - (current[0] / m)) / Math.Sqrt(pooled * (1 - pooled) * ((1 / n) + (1 / m)));
        return ChiSquaredDistribution.UpperTail(z * z, 1);
    }

    /// <summary>Takes the reference as known, which is the mistake that makes these two tests alarm without drift.</summary>
    private static double GetGoodnessOfFit(long[] reference, long[] current, double factor, bool isLikelihood)
    {
        double statistic = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            double expected = reference[i] * factor, observed = current[i];
            if (expected == 0) return 0; // A category that only the current data have makes the statistic infinite.
            statistic += isLikelihood
                ? observed == 0 ? 0 : 2 * observed * Math.Log(observed / expected)
                : (observed - expected) * (observed - expected) / expected;
        }

        return ChiSquaredDistribution.UpperTail(statistic, reference.Length - 1);
    }

    private static double GetHellinger(long[] reference, long[] current)
    {
        double n = reference.Sum(), m = current.Sum(), sum = 0;
        for (var i = 0; i < reference.Length; i++)
        {
            var difference = Math.Sqrt(reference[i] / n) - Math.Sqrt(current[i] / m);
            sum += difference * difference;
        }

        return Math.Min(1, Math.Sqrt(sum / 2));
    }

    private static double GetDivergence(EvidentlyMethod method, long[] reference, long[] current)
    {
        double n = reference.Sum(), m = current.Sum();
        double[] p = [.. reference.Select(count => count / n)], q = [.. current.Select(count => count / m)];
        if (method == EvidentlyMethod.JensenShannon) return Math.Sqrt(p.Zip(q, JensenShannon.GetTerm).Sum());
        ReplaceZeros(p);
        ReplaceZeros(q);
        if (method == EvidentlyMethod.PopulationStabilityIndex) return p.Zip(q, (a, b) => (a - b) * Math.Log(a / b)).Sum();
        double pSum = p.Sum(), qSum = q.Sum();
        return Math.Max(0, p.Zip(q, (a, b) => (a / pSum * Math.Log(a / pSum / (b / qSum))) - (a / pSum) + (b / qSum)).Sum());
    }

    private static void ReplaceZeros(double[] shares)
    {
        var smallest = shares.Where(share => share > 0).Min();
        var replacement = smallest <= ReplacedShare ? smallest / 1e6 : ReplacedShare;
        for (var i = 0; i < shares.Length; i++) shares[i] = shares[i] == 0 ? replacement : shares[i];
    }

    private static double GetCramerVonMises(double[] x, double[] y)
    {
        double n = x.Length, m = y.Length;
        var (xRanks, yRanks) = CompatibleSample.GetMidranks(x, y);
        var u = (n * xRanks.Select((rank, i) => (rank - i - 1) * (rank - i - 1)).Sum()) + (m * yRanks.Select((rank, i) => (rank - i - 1) * (rank - i - 1)).Sum());
        var counted = RoundDown(u, x.Length, y.Length);
        if (Math.Max(x.Length, y.Length) <= MaximumCountedRows && CramerVonMisesDistribution.IsSoonCounted(counted, x.Length, y.Length))
            return CramerVonMisesDistribution.ExactUpperTail(counted, x.Length, y.Length);
        return CramerVonMises.GetAsymptoticPValue((u / (n * m * (n + m))) - (((4 * n * m) - 1) / (6 * (n + m))), n, m);
    }

    /// <summary>Rounds the statistic down to one that values without ties can have, as SciPy does by a division of integers.</summary>
    private static double RoundDown(double u, double n, double m)
    {
        var multiple = n * m / (double)System.Numerics.BigInteger.GreatestCommonDivisor((long)n, (long)m);
        var factor = multiple * multiple * (n + m) / (6 * n * m * n * m);
        var offset = n * m * ((4 * n * m) - 1);
        return ((Math.Floor((factor * ((6 * u) - offset)) + 1e-9) / factor) + offset) / 6;
    }
}
