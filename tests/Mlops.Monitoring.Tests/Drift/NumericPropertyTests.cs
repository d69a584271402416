namespace Mlops.Monitoring.Tests;

/// <summary>Seeded properties of the tests on numbers: exactness of the fast paths, false alarms, coverage of the intervals.</summary>
public sealed class NumericPropertyTests
{
    private static readonly string[] s_kinds = ["uniform", "normal", "lognormal", "outliers", "ties", "constant", "infinite", "mixed"];

    public static TheoryData<string> IntervalTests =>
        ["kolmogorov-smirnov", "cramer-von-mises", "anderson-darling", "mann-whitney", "brunner-munzel", "student-t", "welch-t", "brown-forsythe", "epps-singleton", "wasserstein", "energy-distance"];

    [Fact]
    public void KolmogorovDistance_AnyDistribution_EqualsFullSort()
    {
        foreach (var kind in s_kinds)
        {
            foreach (var (n, m) in new[] { (700, 5), (3000, 2000), (20_000, 30_000) })
            {
                var x = Draw(kind, 1, n, 0);
                foreach (var shift in new[] { 0.0, 0.3 })
                {
                    var y = Draw(kind, 2, m, shift);
                    double[] sortedX = [.. x.Order()], sortedY = [.. y.Order()];
                    foreach (var alternative in Enum.GetValues<Alternative>())
                        Assert.Equal(KolmogorovDistance.GetNumeratorOfSorted(sortedX, sortedY, alternative), KolmogorovDistance.GetNumerator(x, y, alternative));
                }
            }
        }
    }

    [Fact]
    public void RadixSort_AnyDistribution_EqualsArraySort()
    {
        foreach (var kind in s_kinds)
        {
            var values = Draw(kind, 3, 10_000, 0);
            var sorted = (double[])values.Clone();
            Array.Sort(sorted);
            RadixSort.Sort(values);
            Assert.Equal(sorted, values);
        }
    }

    [Fact]
    public void LatticePaths_SmallCounts_EqualEnumeration()
    {
        // All C(7, 3) orders of three and four values.
        foreach (var limit in Enumerable.Range(0, 13))
        {
            int both = 0, above = 0, all = 0;
            for (var mask = 0; mask < 128; mask++)
            {
                if (int.PopCount(mask) != 3) continue;
                int i = 0, j = 0, largest = 0, largestAbove = 0;
                for (var bit = 0; bit < 7; bit++)
                {
                    if ((mask >> bit & 1) == 1) i++;
                    else j++;
                    largest = Math.Max(largest, Math.Abs((i * 4) - (j * 3)));
                    largestAbove = Math.Max(largestAbove, (i * 4) - (j * 3));
                }

                all++;
                both += largest >= limit ? 1 : 0;
                above += largestAbove >= limit ? 1 : 0;
            }

            Assert.Equal((double)both / all, LatticePaths.UpperTail(limit, 3, 4, isOneSided: false), 1e-14);
            Assert.Equal((double)above / all, LatticePaths.UpperTail(limit, 3, 4, isOneSided: true), 1e-14);
        }
    }

    [Fact]
    public void Distributions_KnownValues_AreAccurate()
    {
        // Closed forms: t with 2 degrees of freedom, chi-squared with 4, F with 2 and 2, beyond the reach of 1 − cdf.
        AssertRelative(0.5 * (1 - (40 / Math.Sqrt(2 + 1600))), StudentDistribution.UpperTail(40, 2), 1e-10);
        AssertRelative(Math.Exp(-500) * 501, ChiSquaredDistribution.UpperTail(1000, 4), 1e-12);
        AssertRelative(1 / 1e9, FDistribution.UpperTail(1e9 - 1, 2, 2), 1e-12);
        AssertRelative(0.05, ChiSquaredDistribution.UpperTail(ChiSquaredDistribution.UpperQuantile(0.05, 7), 7), 1e-10);
        AssertRelative(0.01, StudentDistribution.UpperTail(StudentDistribution.UpperQuantile(0.01, 12.5), 12.5), 1e-10);
        // Published critical values: 5 % and 1 % of the Cramér–von Mises and Anderson–Darling limits.
        Assert.Equal(0.46136, CramerVonMisesDistribution.UpperQuantile(0.05), 1e-5);
        Assert.Equal(0.74346, CramerVonMisesDistribution.UpperQuantile(0.01), 1e-5);
        Assert.Equal(2.492, AndersonDarlingDistribution.UpperQuantile(0.05), 1e-3);
        Assert.Equal(3.878, AndersonDarlingDistribution.UpperQuantile(0.01), 2e-3);
        Assert.InRange(CramerVonMisesDistribution.UpperTail(100), 1e-250, 1e-200);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(0)]
    public void AndersonDarling_FewDifferentValues_HoldsItsLevel(int values)
    {
        // 0 stands for values of which half are 0. By the law without ties, 7 to 14 % would alarm.
        const int Trials = 1000;
        var random = new Random(17);
        double[] Draw(int count) => [.. Enumerable.Range(0, count).Select(_ => values > 0 ? random.Next(values) : random.Next(2) * random.NextDouble())];
        var (alarms, sure) = (0, 0);
        for (var trial = 0; trial < Trials; trial++)
        {
            var result = new AndersonDarling().Test(Draw(trial % 2 == 0 ? 40 : 150), Draw(120), null);
            alarms += result.PValue <= 0.05 ? 1 : 0;
            sure += result.PValue <= 0.005 ? 1 : 0;
        }

        Assert.InRange(alarms, 20, 67);
        Assert.InRange(sure, 0, 13);
    }

    [Fact]
    public void AndersonDarling_FewDifferentValues_FindsDriftToAnyCertainty()
    {
        var random = new Random(3);
        double[] Draw(int count, double share) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < share ? 1.0 : 0)];
        var result = new AndersonDarling().Test(Draw(2000, 0.5), Draw(2000, 0.7), null);
        Assert.Equal(DriftVerdict.Drift, result.Verdict);
        // Of two values, A² is χ² of the table but for a factor near 1.
        Assert.InRange(result.PValue!.Value, 1e-60, 1e-20);
    }

    [Fact]
    public void NoncentralChiSquaredDistribution_LargeValues_GiveIntervalsThatGoOn()
    {
        var (below, above) = (NoncentralChiSquaredDistribution.GetInterval(999_999, 4, 0.95), NoncentralChiSquaredDistribution.GetInterval(1_000_001, 4, 0.95));
        Assert.Equal(below.Lower, above.Lower, 5.0);
        Assert.Equal(below.Upper, above.Upper, 5.0);
        var (lower, upper) = NoncentralChiSquaredDistribution.GetInterval(1e30, 4, 0.95);
        Assert.True(lower <= 1e30 && upper >= 1e30 && double.IsFinite(upper));
    }

    [Fact]
    public void KolmogorovSmirnov_ExactOfTooMany_IsAsymptoticAndSaysSo()
    {
        var (x, y) = (Draw("normal", 5, 40_000, 0), Draw("normal", 6, 30_000, 0.02));
        foreach (var alternative in Enum.GetValues<Alternative>())
        {
            var result = new KolmogorovSmirnov(alternative, PValueMethod.Exact).Test(x, y);
            Assert.Equal(new KolmogorovSmirnov(alternative, PValueMethod.Asymptotic).Test(x, y).PValue, result.PValue);
            Assert.Contains("asymptotic", result.Reason, StringComparison.Ordinal);
        }

        // Equal counts have a short exact law of one side; 30,000 values against 30,000 are few enough.
        Assert.DoesNotContain("asymptotic", new KolmogorovSmirnov(Alternative.Less, PValueMethod.Exact).Test(Draw("normal", 5, 40_000, 0), Draw("normal", 6, 40_000, 0)).Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("asymptotic", new KolmogorovSmirnov(method: PValueMethod.Exact).Test(x.AsSpan(0, 30_000), y).Reason, StringComparison.Ordinal);
    }

    /// <summary>Of 19 and 20 values that do not overlap, all arrangements would be counted for half a minute; the law for many values bounds what counting would find.</summary>
    [Fact]
    public void CramerVonMises_FewSeparatedValues_IsNotCountedForLong()
    {
        double[] x = [.. Enumerable.Range(0, 19)], y = [.. Enumerable.Range(100, 20)];
        var options = new DriftTestOptions { MinimumCount = 19 };
        var result = new CramerVonMises().Test(x, y, options);
        Assert.Equal(new CramerVonMises(PValueMethod.Asymptotic).Test(x, y, options), result);
        Assert.InRange(result.PValue!.Value, 2 / 68_923_264_410.0, 1e-4);
        // Those that overlap are counted.
        double[] near = [.. y.Select(value => value - 98.5)];
        Assert.NotEqual(new CramerVonMises(PValueMethod.Asymptotic).Test(x, near, options).PValue, new CramerVonMises().Test(x, near, options).PValue);
        Assert.Equal(new CramerVonMises(PValueMethod.Exact).Test(x, near, options).PValue, new CramerVonMises().Test(x, near, options).PValue);
    }

    /// <summary>With the same shuffles for all samples of a size, chance would err to the same side for all of them.</summary>
    [Theory]
    [InlineData("wasserstein")]
    [InlineData("energy-distance")]
    public void Shuffles_OtherSamples_AreOtherShuffles(string name)
    {
        // The same values in other places: the law is the same, and only the shuffles differ.
        double[] values = [.. Enumerable.Range(0, 60).Select(i => (double)(i / 2))];
        ISampleDriftTest test = name == "wasserstein" ? new Wasserstein() : new EnergyDistance();
        var random = new Random(3);
        var thresholds = new HashSet<double>();
        for (var trial = 0; trial < 20; trial++)
        {
            random.Shuffle(values);
            var (x, y) = (values[..30], values[30..]);
            var result = test.Test(x, y, new DriftTestOptions { MinimumEffect = 0 });
            thresholds.Add(Math.Round(result.Threshold!.Value * Math.Pow(GetDeviation(x), name == "wasserstein" ? 1 : 0.5), 9));
        }

        // Distances of so few values are few.
        Assert.InRange(thresholds.Count, 3, 20);

        static double GetDeviation(double[] values)
        {
            var mean = values.Average();
            return Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        }
    }

    [Fact]
    public void PermutationLaw_AgainstShuffling_AgreesInTheQuantiles()
    {
        foreach (var (kind, n, m) in new[] { ("normal", 400, 300), ("lognormal", 1500, 200), ("ties", 500, 500), ("normal", 8000, 40), ("lognormal", 30, 3000) })
        {
            var (x, y) = (new SortedSample(Draw(kind, 8, n, 0)), new SortedSample(Draw(kind, 9, m, 0)));
            double[] pooled = [.. x.Values, .. y.Values];
            var random = new Random(4);
            double[] costs = new double[1000], squares = new double[1000];
            for (var i = 0; i < costs.Length; i++)
            {
                random.Shuffle(pooled);
                double[] first = [.. pooled[..n].Order()], second = [.. pooled[n..].Order()];
                (costs[i], squares[i]) = (TransportCost.Get(first, second), GetCramer(first, second));
            }

            foreach (var (isSquared, distances) in new[] { (false, costs), (true, squares) })
            {
                var law = PermutationLaw.Create(PooledGrid.Create(x.Values, y.Values), n, m, isSquared, 1);
                Array.Sort(distances);
                Assert.InRange(law.UpperQuantile(0.5) / distances[500], 0.93, 1.07);
                Assert.InRange(law.UpperQuantile(0.05) / distances[950], 0.9, 1.1);
                Assert.InRange(law.UpperQuantile(0.01) / distances[990], 0.85, 1.18);
            }
        }
    }

    /// <summary>Gets the root of ∫ (F − G)² dx.</summary>
    private static double GetCramer(double[] x, double[] y)
    {
        double sum = 0;
        var (i, j) = (0, 0);
        double[] values = [.. x.Concat(y).Order()];
        for (var k = 0; k + 1 < values.Length; k++)
        {
            while (i < x.Length && x[i] <= values[k]) i++;
            while (j < y.Length && y[j] <= values[k]) j++;
            var difference = ((double)i / x.Length) - ((double)j / y.Length);
            sum += difference * difference * (values[k + 1] - values[k]);
        }

        return Math.Sqrt(sum);
    }

    [Fact]
    public void Wasserstein_NoDrift_KeepsItsFalseAlarmRate()
    {
        const int Trials = 600;
        foreach (var kind in new[] { "normal", "lognormal", "ties" })
        {
            int atFive = 0, atOne = 0, atTenth = 0;
            for (var trial = 0; trial < Trials; trial++)
            {
                var p = new Wasserstein().Test(Draw(kind, (2 * trial) + 100, 150, 0), Draw(kind, (2 * trial) + 101, 60, 0)).PValue;
                atFive += p <= 0.05 ? 1 : 0;
                atOne += p <= 0.01 ? 1 : 0;
                atTenth += p <= 0.001 ? 1 : 0;
            }

            // Three standard deviations above 30 and 6; of 0.6 expected, more than 4 come once in 2,500 times.
            Assert.True(atFive <= 46 && atOne <= 14 && atTenth <= 4, $"{kind}: {atFive}, {atOne}, {atTenth} of {Trials}");
        }
    }

    [Theory]
    [MemberData(nameof(IntervalTests))]
    public void EffectInterval_AnyEffect_CoversTheTrueOne(string name)
    {
        // One that shuffles labels takes as long as a hundred others.
        var trials = name == "epps-singleton" ? 60 : 200;
        var test = Find(name);
        foreach (var shift in new[] { 0.0, 0.25, 1.5 })
        {
            // What the effect comes to with very many values.
            var truth = shift == 0 ? 0 : test.Test(Sample(1, 100_000, 0, name), Sample(2, 100_000, shift, name)).Effect!.Value;
            var covered = 0;
            for (var trial = 0; trial < trials; trial++)
            {
                var interval = test.Test(Sample((2 * trial) + 10, 120, 0, name), Sample((2 * trial) + 11, 90, shift, name)).EffectInterval;
                Assert.NotNull(interval);
                if (interval.Value.Lower <= truth + 1e-9 && interval.Value.Upper >= truth - 1e-9) covered++;
            }

            // 95 % less 3 points, less two standard deviations of the count.
            Assert.True(covered >= (0.92 * trials) - (2 * Math.Sqrt(0.08 * 0.92 * trials)), $"shift {shift}: {covered} of {trials}");
        }
    }

    private static double[] Sample(int seed, int count, double shift, string name)
        => name == "brown-forsythe" ? NumericBadInputTests.Make(seed, count, 0, Math.Exp(shift)) : NumericBadInputTests.Make(seed, count, shift);

    private static ISampleDriftTest Find(string name) => name switch
    {
        "kolmogorov-smirnov" => new KolmogorovSmirnov(),
        "cramer-von-mises" => new CramerVonMises(),
        "anderson-darling" => new AndersonDarling(),
        "mann-whitney" => new MannWhitney(),
        "brunner-munzel" => new BrunnerMunzel(),
        "student-t" => new StudentT(),
        "welch-t" => new WelchT(),
        "brown-forsythe" => new Levene(),
        "epps-singleton" => new EppsSingleton(),
        "wasserstein" => new Wasserstein(),
        _ => new EnergyDistance(),
    };

    private static void AssertRelative(double expected, double actual, double tolerance) => Assert.True(Math.Abs(actual - expected) <= tolerance * expected, $"{actual:r} instead of {expected:r}");

    private static double[] Draw(string kind, int seed, int count, double shift)
    {
        var random = new Random((int)(seed * 2654435761L % int.MaxValue));
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        return [.. Enumerable.Range(0, count).Select(i => kind switch
        {
            "uniform" => random.NextDouble() + (shift / 10),
            "normal" => Normal() + shift,
            "lognormal" => Math.Exp((2 * Normal()) + shift),
            "outliers" => i % 100 == 7 ? 1e300 * Normal() : Normal() + shift,
            "ties" => Math.Round((2 * Normal()) + shift),
            "constant" => 1.5,
            "infinite" => i % 5 == 0 ? double.PositiveInfinity : i % 7 == 0 ? double.NegativeInfinity : Normal() + shift,
            _ => i % 3 == 0 ? 0.0 : i % 3 == 1 ? -0.0 : Normal() * 1e-310,
        })];
    }
}
