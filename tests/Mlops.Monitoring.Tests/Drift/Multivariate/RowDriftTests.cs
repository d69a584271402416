using Mlops.Data;
using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring.Tests;

public sealed class RowDriftTests
{
    private const int Trials = 400;

    // Three standard deviations above the expected number at 5 %.
    private const int MostAlarms = 33;
    private static readonly DriftTestOptions s_anyEffect = new() { MinimumEffect = 0 };

    public static TheoryData<string> Tests => ["mmd", "linear", "energy", "lsdd", "pca", "classifier", "mean", "covariance"];

    /// <summary>Heavy tails, samples of different sizes and columns of different scales raise no more false alarms either.</summary>
    [Theory]
    [MemberData(nameof(Tests))]
    public void Test_UnevenHeavyTailedSamples_HoldsItsLevel(string name)
    {
        var (test, alarms) = (Create(name), 0);
        for (var trial = 0; trial < Trials; trial++)
        {
            var random = new SplitMix64((ulong)trial);
            alarms += test.Test(Heavy(ref random, 90), Heavy(ref random, 40), s_anyEffect, Token).Verdict == DriftVerdict.Drift ? 1 : 0;
        }

        Assert.True(alarms <= MostAlarms, $"{alarms} of {Trials}");

        static RowSet Heavy(ref SplitMix64 random, int count)
        {
            var values = new double[count * 3];
            for (var i = 0; i < values.Length; i++) values[i] = Math.Exp(Normal(ref random)) * (i % 3 == 0 ? 1000 : 1);
            return new RowSet(values, 3);
        }
    }

    /// <summary>With few rows for many columns, what centring by an estimated mean takes away is no change of the covariance.</summary>
    [Theory]
    [InlineData("gaussian", 60, 60, 256)]
    [InlineData("gaussian", 40, 40, 200)]
    [InlineData("gaussian", 30, 90, 512)]
    [InlineData("heavy", 40, 40, 256)]
    [InlineData("heavy", 60, 30, 8)]
    [InlineData("correlated", 30, 30, 256)]
    [InlineData("correlated", 100, 37, 64)]
    public void CovarianceShift_FewRowsForTheWidth_HoldsItsLevel(string kind, int n, int m, int width)
    {
        const int Repetitions = 150;
        var (scaled, raw) = (0, 0);
        for (var trial = 0; trial < Repetitions; trial++)
        {
            var samples = new ExperimentSamples(trial, 1);
            var (reference, current) = (samples.Rows(n, width, kind), samples.Rows(m, width, kind));
            scaled += new CovarianceShift { Permutations = 99 }.Test(reference, current, s_anyEffect, Token).Verdict == DriftVerdict.Drift ? 1 : 0;
            raw += new CovarianceShift { Permutations = 99, Scaling = RowScaling.None }.Test(reference, current, s_anyEffect, Token).Verdict == DriftVerdict.Drift ? 1 : 0;
        }

        // Three standard deviations above the expected 7.5.
        Assert.True(Math.Max(scaled, raw) <= 15, $"{scaled} and, unscaled, {raw} of {Repetitions}");
    }

    /// <summary>Where no p-value can be below the significance, the rows that are needed are said; with these, drift is found.</summary>
    [Theory]
    [InlineData(0.05, 8)]
    [InlineData(0.001, 14)]
    [InlineData(1e-6, 24)]
    public void CovarianceShift_TooFewRowsForTheSignificance_SaysHowMany(double significance, int needed)
    {
        var random = new SplitMix64(8);
        var options = new DriftTestOptions { MinimumCount = 1, Significance = significance };
        var few = new CovarianceShift().Test(Rows(ref random, needed - 1, 4, 0, 1), Rows(ref random, needed - 1, 4, 0, 9), options, Token);
        Assert.Equal(DriftVerdict.NotEnoughData, few.Verdict);
        Assert.Contains($"; {needed} of each are needed", few.Reason, StringComparison.Ordinal);
        var enough = new CovarianceShift().Test(Rows(ref random, needed, 4, 0, 1), Rows(ref random, needed, 4, 0, 9), options, Token);
        Assert.NotNull(enough.PValue);
        if (significance == 0.001) Assert.True(enough.PValue <= significance, enough.ToString());
    }

    /// <summary>A column that is all but constant and differs in its last digits does not drown the others.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void MeanShift_ColumnThatHardlyVaries_CountsWithTenDeviationsAtMost(bool fromProfiles)
    {
        const int Width = 4, Count = 300;
        var random = new Random(5);
        double[] Draw(double last) => [.. Enumerable.Range(0, Count * Width).Select(i => i % Width < Width - 1 ? DriftData.Normal(random) : last + (1e-15 * (i / Width % 2)))];
        double[] x = Draw(0.1), y = Draw(0.1f);
        var result = fromProfiles ? new MeanShift().Test(Profile(x), Profile(y), s_anyEffect) : new MeanShift().Test(new RowSet(x, Width), new RowSet(y, Width), s_anyEffect, Token);
        Assert.InRange(result.Effect!.Value, 0.9 * 10 / Math.Sqrt(Width), 10 / Math.Sqrt(Width));

        static Profiles.VectorProfile Profile(double[] values)
        {
            var profile = new Profiles.VectorProfile("v", Data.ElementType.Float64, Width);
            profile.Add(new Data.Column<double>(values, null, Width));
            return profile;
        }
    }

    /// <summary>Most pairs of few different rows cancel, but for the last digit, which must not be what is tested.</summary>
    [Fact]
    public void LinearMmd_FewDifferentValues_RoundingIsNoDrift()
    {
        for (var trial = 0; trial < 200; trial++)
        {
            var random = new Random(trial);
            RowSet Draw(int count) => new(Enumerable.Range(0, count).Select(_ => random.NextDouble() < 0.1 ? 1.0 : 0).ToArray(), 1);
            var result = new MaximumMeanDiscrepancy { Estimator = MmdEstimator.Linear }.Test(Draw(2000), Draw(120), s_anyEffect, Token);
            Assert.True(result.Verdict == DriftVerdict.NoDrift || result.Effect > 1e-3, result.ToString());
        }
    }

    /// <summary>Two constants differ, although no pair of rows shows any noise; the p-value is what the signs of so many pairs, and the drawn ones, allow.</summary>
    [Theory]
    [InlineData(RowScaling.Standardized)]
    [InlineData(RowScaling.None)]
    public void LinearMmd_Constants_TellsThemApart(RowScaling scaling)
    {
        static RowSet Constant(double value, int count) => new(Enumerable.Repeat(value, count).ToArray(), 1);
        var test = new MaximumMeanDiscrepancy { Estimator = MmdEstimator.Linear, Scaling = scaling };
        var result = test.Test(Constant(1, 100), Constant(2, 40), null, Token);
        Assert.Equal((DriftVerdict.Drift, 1.0 / 501), (result.Verdict, result.PValue));
        Assert.Equal((DriftVerdict.NoDrift, 1.0), (test.Test(Constant(1, 100), Constant(1, 40), null, Token) is var same ? (same.Verdict, same.PValue!.Value) : default));
        // Two pairs have four signs: no p-value far below one quarter.
        var few = test.Test(Constant(1, 4), Constant(2, 4), new DriftTestOptions { MinimumCount = 1 }, Token);
        Assert.Equal(DriftVerdict.NoDrift, few.Verdict);
        Assert.InRange(few.PValue!.Value, 0.2, 0.3);
    }

    /// <summary>A shift by half a standard deviation of every column is found nearly always with 200 rows, and one of a fifth more often than not by chance.</summary>
    [Theory]
    [InlineData("mmd", 0.5, 90)]
    [InlineData("mmd", 0.25, 50)]
    [InlineData("linear", 1, 60)]
    [InlineData("energy", 0.5, 90)]
    [InlineData("lsdd", 0.5, 90)]
    [InlineData("classifier", 0.5, 90)]
    [InlineData("mean", 0.5, 95)]
    [InlineData("mean", 0.25, 60)]
    [InlineData("pca", 2, 60)]
    public void Test_Shift_IsFound(string name, double shift, int least)
    {
        var (test, found) = (Create(name), 0);
        for (var trial = 0; trial < 100; trial++)
        {
            var random = new SplitMix64((ulong)trial + 1000);
            found += test.Test(Rows(ref random, 200, 5, 0, 1), Rows(ref random, 200, 5, shift, 1), s_anyEffect, Token).Verdict == DriftVerdict.Drift ? 1 : 0;
        }

        Assert.True(found >= least, $"{found} of 100");
    }

    /// <summary>A change of the dependence alone, with every column as it was.</summary>
    [Theory]
    [InlineData("covariance")]
    [InlineData("mmd")]
    [InlineData("energy")]
    [InlineData("classifier")]
    public void Test_ChangedDependence_IsFound(string name)
    {
        var random = new SplitMix64(7);
        var current = Rows(ref random, 500, 2, 0, 1).Values.ToArray();
        for (var i = 0; i < current.Length; i += 2) current[i] = (0.9 * current[i + 1]) + (Math.Sqrt(1 - 0.81) * current[i]);
        var result = Create(name).Test(Rows(ref random, 500, 2, 0, 1), new RowSet(current, 2), null, Token);
        Assert.True(result.Verdict == DriftVerdict.Drift, result.ToString());
        var mean = new MeanShift().Test(Rows(ref random, 500, 2, 0, 1), new RowSet(current, 2), null, Token);
        Assert.Equal(DriftVerdict.NoDrift, mean.Verdict);
    }

    /// <summary>The interval holds the effect that is known: by a formula for the discrepancy of normal samples, and the shift itself for the mean.</summary>
    [Theory]
    [InlineData("mmd", 0)]
    [InlineData("mmd", 0.5)]
    [InlineData("mmd", 2)]
    [InlineData("linear", 0)]
    [InlineData("linear", 0.5)]
    [InlineData("linear", 2)]
    [InlineData("mean", 0)]
    [InlineData("mean", 0.5)]
    [InlineData("mean", 2)]
    [InlineData("covariance", 0)]
    [InlineData("covariance", 0.5)]
    [InlineData("covariance", 2)]
    public void EffectInterval_KnownEffect_HoldsIt(string name, double change)
    {
        var held = 0;
        for (var trial = 0; trial < 300; trial++)
        {
            var random = new SplitMix64((ulong)trial + 5000);
            var isSpread = name == "covariance";
            var (reference, current) = (Rows(ref random, 120, 2, 0, 1), Rows(ref random, 150, 2, isSpread ? 0 : change, isSpread ? 1 + change : 1));
            IRowDriftTest test = name switch
            {
                "mmd" => new MaximumMeanDiscrepancy { Permutations = 199, Scaling = RowScaling.None, Bandwidth = 1 },
                "linear" => new MaximumMeanDiscrepancy { Estimator = MmdEstimator.Linear, Scaling = RowScaling.None, Bandwidth = 1 },
                _ => Create(name),
            };
            var interval = test.Test(reference, current, null, Token).EffectInterval!.Value;
            var truth = name switch
            {
                "mean" => change,
                "covariance" => GetCovarianceEffect((1 + change) * (1 + change)),
                // ‖μ‖² = 2·change² and the kernel of width 1 over a difference of variance 2 in each of 2 columns.
                _ => Math.Sqrt(2.0 / 3 * (1 - Math.Exp(-2 * change * change / 6))),
            };
            held += truth >= interval.Lower && truth <= interval.Upper ? 1 : 0;
        }

        Assert.True(held >= 0.92 * 300, $"{held} of 300");

        // Two columns of variance 1 and v, of 120 and 150 rows.
        static double GetCovarianceEffect(double v) => (v - 1) / ((120 + (150 * v)) / 270);
    }

    /// <summary>The classifier's interval holds the area that the same classifier reaches on rows without end, that is on many.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(2)]
    public void EffectInterval_OfClassifier_HoldsTheExpectedEffect(double shift)
    {
        var results = new List<DriftResult>();
        for (var trial = 0; trial < 100; trial++)
        {
            var random = new SplitMix64((ulong)trial + 9000);
            results.Add(new DomainClassifierDrift().Test(Rows(ref random, 120, 2, 0, 1), Rows(ref random, 150, 2, shift, 1), null, Token));
        }

        // The mean of many runs is what the classifier comes to with so many rows; without a shift, that is nothing.
        var truth = shift == 0 ? 0 : (2 * results.Average(result => result.Statistic!.Value)) - 1;
        var held = results.Count(result => truth >= result.EffectInterval!.Value.Lower && truth <= result.EffectInterval.Value.Upper);
        Assert.True(held >= 92, $"{held} of 100");
    }

    /// <summary>Errors of rows that components were fitted to are smaller than those of new rows, which the naive comparison takes for drift.</summary>
    [Fact]
    public void PcaReconstruction_InSampleErrors_WouldBeFalseAlarms()
    {
        var (naive, alarms) = (0, 0);
        for (var trial = 0; trial < 100; trial++)
        {
            var random = new SplitMix64((ulong)trial);
            var (reference, current) = (Rows(ref random, 60, 20, 0, 1), Rows(ref random, 60, 20, 0, 1));
            var components = PrincipalComponents.Fit(reference.Values.Span, 20, 0.65);
            double[] errors = [.. components.GetErrors(reference.Values.Span), .. components.GetErrors(current.Values.Span)];
            var area = RankedArea.Compute(errors, [.. Enumerable.Range(0, 120).Select(row => row >= 60)], [.. Enumerable.Range(0, 120)]);
            naive += Math.Abs(area.Auc - 0.5) > 1.96 * Math.Sqrt(area.ChanceVariance) ? 1 : 0;
            alarms += new PcaReconstruction().Test(reference, current, s_anyEffect, Token).Verdict == DriftVerdict.Drift ? 1 : 0;
        }

        Assert.True(naive >= 90, $"{naive} of 100 naive");
        Assert.True(alarms <= 12, $"{alarms} of 100");
    }

    /// <summary>The usual p-value, as if the areas of the folds had nothing to do with each other, raises about twice the false alarms it says.</summary>
    [Fact]
    public void DomainClassifierDrift_UsualPValue_WouldRaiseMoreAlarms()
    {
        const int Count = 200;
        const int Repetitions = 300;
        var (usual, alarms) = (0, 0);
        bool[] isSecond = [.. Enumerable.Range(0, 2 * Count).Select(row => row >= Count)];
        // The variance of the mean of five Mann-Whitney areas of 40 and 40 rows.
        var deviation = Math.Sqrt((Count / 2.5) + 1) / Math.Sqrt(12 * (Count / 5) * (Count / 5) * 5.0);
        for (var trial = 0; trial < Repetitions; trial++)
        {
            var random = new SplitMix64((ulong)trial + 77);
            var (reference, current) = (Rows(ref random, Count, 2, 0, 1), Rows(ref random, Count, 2, 0, 1));
            var columns = new DomainColumns();
            double[] all = [.. reference.Values.ToArray(), .. current.Values.ToArray()];
            for (var k = 0; k < 2; k++) columns.AddNumbers($"{k}", [.. Enumerable.Range(0, 2 * Count).Select(row => all[(row * 2) + k])]);
            usual += DomainClassifier.Measure(columns, isSecond, (ulong)trial, Token).Auc - 0.5 > 1.645 * deviation ? 1 : 0;
            alarms += new DomainClassifierDrift().Test(reference, current, s_anyEffect, Token).Verdict == DriftVerdict.Drift ? 1 : 0;
        }

        // Three standard deviations above 15 of 300.
        Assert.True(usual > 24, $"{usual} of {Repetitions} by the usual p-value");
        Assert.True(alarms <= 26, $"{alarms} of {Repetitions}");
    }

    [Fact]
    public void Test_MoreRowsThanMaximum_DrawsRowsWithTheSeed()
    {
        var random = new SplitMix64(1);
        var (reference, current) = (Rows(ref random, 900, 2, 0, 1), Rows(ref random, 50, 2, 1, 1));
        var result = new MaximumMeanDiscrepancy { MaximumRows = 100, Permutations = 99 }.Test(reference, current, null, Token);
        Assert.Equal((900, 50), (result.ReferenceCount, result.CurrentCount));
        Assert.EndsWith("From 100 and 50 rows drawn at random.", result.Reason, StringComparison.Ordinal);
        Assert.Equal(DriftVerdict.Drift, result.Verdict);
        Assert.NotEqual(result.Statistic, new MaximumMeanDiscrepancy { MaximumRows = 100, Permutations = 99, Seed = 1 }.Test(reference, current, null, Token).Statistic);
    }

    /// <summary>A budget of few false alarms asks for p-values that few permutations cannot have.</summary>
    [Theory]
    [InlineData("mmd")]
    [InlineData("energy")]
    [InlineData("lsdd")]
    [InlineData("mean")]
    [InlineData("embedding")]
    public void Test_SmallSignificance_CanStillFindDrift(string name)
    {
        var random = new SplitMix64(11);
        var test = name == "embedding" ? new EmbeddingDrift { Permutations = 19 } : Create(name);
        var result = test.Test(Rows(ref random, 60, 3, 0, 1), Rows(ref random, 60, 3, 3, 1), new DriftTestOptions { Significance = 0.0005 }, Token);
        Assert.True(result.Verdict == DriftVerdict.Drift, result.ToString());
    }

    [Fact]
    public void DomainClassifierDrift_Drift_NamesTheColumnThatTellsMost()
    {
        var random = new SplitMix64(3);
        var current = Rows(ref random, 200, 3, 0, 1).Values.ToArray();
        for (var i = 1; i < current.Length; i += 3) current[i] += 2;
        var result = new DomainClassifierDrift { ColumnNames = ["age", "income", "rate"] }.Test(Rows(ref random, 200, 3, 0, 1), new RowSet(current, 3), null, Token);
        Assert.Contains("Most by 'income'", result.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void EmbeddingDrift_ChangeOfOneKind_NamesTheTestThatFoundIt()
    {
        var random = new SplitMix64(4);
        var reference = Rows(ref random, 300, 8, 0, 1);
        var moved = new EmbeddingDrift().Test(reference, Rows(ref random, 300, 8, 1, 1), null, Token).Reason;
        Assert.Matches(@"^Found by [^.]*\bmean-shift\b", moved);
        Assert.DoesNotContain("covariance-shift", moved, StringComparison.Ordinal);
        var spread = new EmbeddingDrift().Test(reference, Rows(ref random, 300, 8, 0, 2), null, Token).Reason;
        Assert.Matches(@"^Found by [^.]*\bcovariance-shift\b", spread);
        Assert.DoesNotContain("mean-shift", spread, StringComparison.Ordinal);
        Assert.Equal(DriftVerdict.NoDrift, new EmbeddingDrift { IncludesClassifier = true }.Test(reference, Rows(ref random, 300, 8, 0, 1), null, Token).Verdict);
    }

    [Fact]
    public void MeanShift_Profiles_HoldsItsLevelAndFindsShifts()
    {
        var (test, alarms, found) = (new EmbeddingDrift(), 0, 0);
        for (var trial = 0; trial < Trials; trial++)
        {
            var random = new SplitMix64((ulong)trial);
            var reference = Profile(Rows(ref random, 200, 6, 10, 1));
            alarms += test.Test(reference, Profile(Rows(ref random, 100, 6, 10, 1)), s_anyEffect).Verdict == DriftVerdict.Drift ? 1 : 0;
            found += test.Test(reference, Profile(Rows(ref random, 100, 6, 10.6, 1))).Verdict == DriftVerdict.Drift ? 1 : 0;
        }

        Assert.True(alarms <= MostAlarms, $"{alarms} of {Trials}");
        Assert.True(found >= 390, $"{found} of {Trials}");
    }

    [Fact]
    public void MeanShift_StrangeProfiles_GivesVerdicts()
    {
        var random = new SplitMix64(1);
        var many = Profile(Rows(ref random, 100, 2, 0, 1));
        Assert.Equal(DriftVerdict.NotEnoughData, new MeanShift().Test(many, Profile(Rows(ref random, 19, 2, 0, 1))).Verdict);
        Assert.Equal(DriftVerdict.NoDrift, new MeanShift().Test(Constant(3.7), Constant(3.7)).Verdict);
        Assert.Equal(DriftVerdict.Drift, new MeanShift().Test(Constant(3.7), Constant(3.8)).Verdict);
        // Vectors whose length is beyond the range of numbers are missing ones.
        Assert.Equal(DriftVerdict.NotEnoughData, new MeanShift().Test(many, Profile(Rows(ref random, 100, 2, 0, 1e200))).Verdict);
        Assert.Throws<ArgumentException>(() => new MeanShift().Test(many, Profile(new RowSet(new double[90], 3))));

        static VectorProfile Constant(double value) => Profile(new RowSet(Enumerable.Repeat(value, 100).ToArray(), 2));
    }

    [Fact]
    public void Options_OutOfRange_Throw()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaximumMeanDiscrepancy { Permutations = 18 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaximumMeanDiscrepancy { MaximumRows = 9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new MaximumMeanDiscrepancy { Bandwidth = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LeastSquaresDensityDifference { Penalty = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>(() => new PcaReconstruction { VarianceRatio = 1 });
    }

    [Fact]
    public void Select_AnyValues_FindsWhatSortingFinds()
    {
        var random = new SplitMix64(1);
        for (var length = 1; length < 400; length += 7)
        {
            var values = new double[length];
            foreach (ref var value in values.AsSpan()) value = random.Next((ulong)(length % 3 == 0 ? 5 : 1000));
            var place = (int)random.Next((ulong)length);
            double[] sorted = [.. values.Order()];
            Assert.Equal(sorted[place], Selection.Select(values, place));
            Assert.Equal(sorted, values.Order());
            Assert.True(values.AsSpan(0, place).ToArray().All(value => value <= sorted[place]));
        }
    }

    /// <summary>Sums over pairs and rows, 32 permutations at once, are what plain sums are.</summary>
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(5, 4, 3)]
    [InlineData(13, 20, 9)]
    public void LabelBlocks_Sums_AgreeWithPlainOnes(int n, int m, int width)
    {
        var random = new SplitMix64((ulong)n);
        var rows = PooledRows.Create(PresentRows.FromOrdered(Rows(ref random, n, width, 0, 1).Values.ToArray(), width), PresentRows.FromOrdered(Rows(ref random, m, width, 0, 1).Values.ToArray(), width), RowScaling.None);
        var products = PairMatrix.Products(rows, Token);
        var labels = new LabelBlocks(n, m, 40, LabelBlocks.Shuffle(9));
        var shuffle = LabelBlocks.Shuffle(9);
        double[] pairs = new double[labels.Total], sums = new double[width * LabelBlocks.Width];
        while (labels.MoveNext(Token))
        {
            labels.SumPairs(products, pairs);
            labels.SumRows(rows.Values, width, sums);
            for (var i = 0; i < labels.Count; i++)
            {
                int[] order = [.. Enumerable.Range(0, n + m)];
                if (labels.First + i > 0) shuffle(order);
                double[] expected = [.. Enumerable.Range(0, width).Select(k => order.Take(n).Sum(row => rows.Values[(row * width) + k]))];
                for (var k = 0; k < width; k++) Assert.Equal(expected[k], sums[(k * LabelBlocks.Width) + i], 1e-12);
                Assert.Equal(expected.Sum(sum => sum * sum), pairs[labels.First + i], 1e-11);
            }
        }
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IRowDriftTest Create(string name) => name switch
    {
        "mmd" => new MaximumMeanDiscrepancy { Permutations = 199 },
        "linear" => new MaximumMeanDiscrepancy { Estimator = MmdEstimator.Linear },
        "energy" => new MultivariateEnergyDistance { Permutations = 199 },
        "lsdd" => new LeastSquaresDensityDifference { Permutations = 99, MaximumCentres = 50 },
        "pca" => new PcaReconstruction(),
        "classifier" => new DomainClassifierDrift(),
        "mean" => new MeanShift { Permutations = 199 },
        _ => new CovarianceShift { Permutations = 199 },
    };

    private static VectorProfile Profile(RowSet rows)
    {
        var profile = new VectorProfile("embedding", ElementType.Float64, rows.Width);
        profile.Add(new Column<double>(rows.Values.ToArray(), null, rows.Width));
        return profile;
    }

    private static RowSet Rows(ref SplitMix64 random, int count, int width, double mean, double deviation)
    {
        var values = new double[count * width];
        foreach (ref var value in values.AsSpan()) value = mean + (deviation * Normal(ref random));
        return new RowSet(values, width);
    }

    private static double Normal(ref SplitMix64 random)
    {
        double Uniform(ulong bits) => ((bits >> 11) + 0.5) * Math.ScaleB(1, -53);
        return Math.Sqrt(-2 * Math.Log(Uniform(random.Next()))) * Math.Cos(2 * Math.PI * Uniform(random.Next()));
    }
}
