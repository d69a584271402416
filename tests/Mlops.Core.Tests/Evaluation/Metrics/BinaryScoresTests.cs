using Mlops.Data;
using Mlops.Evaluation;

namespace Mlops.Core.Tests.Evaluation;

public sealed class BinaryScoresTests
{
    [Theory]
    [InlineData(2, 1, 0.0)]
    [InlineData(300, 4, 0.0)]
    [InlineData(5000, 1 << 30, 0.0)]
    [InlineData(5000, 1 << 30, -0.5)]
    [InlineData(5000, 1 << 30, -1.0)]
    [InlineData(5000, 1 << 30, 1e9)]
    [InlineData(5000, 1 << 30, 1e-12)]
    public void RocAuc_AlikeRows_IsThatOfTheWholeWalkBitForBit(int rows, int steps, double start)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new SplitMix64((ulong)(seed + rows));
            double[] labels = [.. Enumerable.Range(0, rows).Select(i => i < 2 ? i : (double)random.Next(2))];
            double[] scores = [.. labels.Select(label => start + (((double)random.Next((ulong)steps) + label) / steps * (start == 1e-12 ? 1e-13 : 1)))];
            var (lone, whole) = (BinaryScores.Of(scores, labels), BinaryScores.Of(scores, labels));
            Assert.Equal(whole.At(0.5).RocAuc, lone.RocAuc());
            Assert.Equal(lone.RocAuc(), BinaryScores.Of([.. scores.Order()], [.. scores.Zip(labels).OrderBy(pair => pair.First).Select(pair => pair.Second)]).RocAuc());
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1000, false)]
    [InlineData(5000, true)]
    public void Merge_OfPartials_IsOnePassBitForBit(int rows, bool isWeighted)
    {
        var (scores, labels, weights) = Rows(rows, 7, decimals: 2);
        var own = isWeighted ? weights : [];
        var whole = BinaryScores.Of(scores, labels, own);
        var merged = new BinaryScores();
        for (var start = 0; start < rows; start += 777)
        {
            var range = start..Math.Min(rows, start + 777);
            merged.Merge(BinaryScores.Of(scores[range], labels[range], isWeighted ? own[range] : default));
        }

        Assert.Equal(Figures(whole), Figures(merged));
        Assert.Equal(whole.RocCurve().Points, merged.RocCurve().Points);
        Assert.Equal(whole.CalibrationCurve(7).Bins, merged.CalibrationCurve(7).Bins);
    }

    [Fact]
    public void Merge_OfWeightedAndUnweighted_KeepsBoth()
    {
        var merged = BinaryScores.Of([0.1, 0.9], [0, 1]);
        merged.Merge(BinaryScores.Of([0.5, 0.6], [1, 0], [2, 3]));
        merged.Merge(BinaryScores.Of([0.7], [1]));
        merged.Merge(merged);
        var expected = BinaryScores.Of([0.1, 0.9, 0.5, 0.6, 0.7], [0, 1, 1, 0, 1], [2, 2, 4, 6, 2]);
        Assert.Equal(expected.RocAuc().Value, merged.RocAuc().Value, 1e-14);
        Assert.Equal(10, merged.RowCount);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 300)]
    [InlineData(15, 300)]
    public void RocAuc_OfRandomRows_CountsPairs(int decimals, int rows)
    {
        var (scores, labels, weights) = Rows(rows, 11, decimals);
        (labels[0], labels[1]) = (0, 1);
        double right = 0, pairs = 0;
        for (var i = 0; i < rows; i++)
        {
            for (var j = 0; j < rows; j++)
            {
                if (labels[i] != 1 || labels[j] != 0) continue;
                pairs += weights[i] * weights[j];
                right += weights[i] * weights[j] * (scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0);
            }
        }

        Assert.Equal(right / pairs, BinaryScores.Of(scores, labels, weights).RocAuc().Value, 1e-12);
    }

    [Fact]
    public void Weights_OfWholeNumbers_AreRepetitions()
    {
        var (scores, labels, _) = Rows(200, 3, decimals: 1);
        int[] copies = [.. Enumerable.Range(0, 200).Select(i => i % 4)];
        var repeated = Enumerable.Range(0, 200).SelectMany(i => Enumerable.Repeat(i, copies[i])).ToArray();
        var weighted = BinaryScores.Of(scores, labels, [.. copies.Select(count => (double)count)]);
        var whole = BinaryScores.Of([.. repeated.Select(i => scores[i])], [.. repeated.Select(i => labels[i])]);
        Assert.All(Figures(whole).Zip(Figures(weighted)), pair => Assert.Equal(pair.First!.Value, pair.Second!.Value, 1e-12));
        Assert.Equal(whole.LiftCurve().Points.Select(point => Math.Round(point.Lift, 10)), weighted.LiftCurve().Points.Select(point => Math.Round(point.Lift, 10)));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5000)]
    public void EvaluateSlices_OfAColumn_AreTheFiguresOfItsRows(int rows)
    {
        var (scores, labels, weights) = Rows(rows, 5, decimals: 3);
        int[] codes = [.. Enumerable.Range(0, rows).Select(i => (i % 4) - 1)];
        var column = new SliceColumn("region", ["a", "b", "c", "never"], codes);
        var slices = BinaryScores.Of(scores, labels, weights).EvaluateSlices(column, 0.4);
        Assert.Equal(Describe(BinaryScores.Of(scores, labels, weights).At(0.4)), Describe(slices.Overall));
        for (var code = -1; code < 4; code++)
        {
            var own = column.RowsOf(code);
            var expected = BinaryScores.Of([.. own.Select(i => scores[i])], [.. own.Select(i => labels[i])], [.. own.Select(i => weights[i])]).At(0.4);
            Assert.Equal(Describe(expected), Describe(code < 0 ? slices.Missing : slices.Values[code]));
        }

        Assert.Equal("no row has a label, a prediction and a weight", slices.Values[3].RocAuc.UndefinedReason);
    }

    [Fact]
    public void Add_BadInput_IsRefusedAndAddsNothing()
    {
        var scores = BinaryScores.Of([0.5], [1]);
        Assert.Throws<ArgumentException>(() => scores.Add([0.5], [1, 0]));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.6], [1, 0], [1]));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, double.NaN], [1, 0]));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, double.PositiveInfinity], [1, 0]));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.6], [1, 2]));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.6], [1, double.NaN]));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.6], [1, 0], [1, -1]));
        Assert.Throws<ArgumentException>(() => scores.Add([0.5, 0.6], [1, 0], [1, double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => scores.RocAuc(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => scores.CalibrationCurve(0));
        Assert.Throws<ArgumentException>(() => scores.EvaluateSlices(new SliceColumn("c", ["a"], [0, 0])));
        Assert.Equal(1, scores.RowCount);
    }

    [Fact]
    public void Figures_WithoutWhatTheyNeed_AreUndefinedWithTheReason()
    {
        var nothing = BinaryScores.Of([0.1, 0.2], [0, 1], [0, 0]);
        Assert.All(Figures(nothing), Assert.Null);
        Assert.Equal("no row has a label, a prediction and a weight", nothing.RocAuc().UndefinedReason);
        Assert.False(nothing.At(0.5).Confusion.Accuracy().IsDefined);
        var negative = BinaryScores.Of([0.1, 0.2], [0, 0]);
        Assert.Equal("only one class occurs", negative.RocAuc().UndefinedReason);
        Assert.Equal("only one class occurs", negative.RocCurve().UndefinedReason);
        Assert.Equal("no row is positive", negative.AveragePrecision().UndefinedReason);
        Assert.Equal("no row is positive", negative.LiftCurve().GainAt(0.5).UndefinedReason);
        Assert.Equal("no row is positive", negative.PrecisionRecallCurve().UndefinedReason);
        var margins = BinaryScores.Of([-3, 2], [0, 1]);
        Assert.Equal("a score is no probability from 0 to 1", margins.LogLoss().UndefinedReason);
        Assert.Equal("a score is no probability from 0 to 1", margins.Brier().UndefinedReason);
        Assert.Equal("a score is no probability from 0 to 1", margins.ExpectedCalibrationError().UndefinedReason);
        Assert.Equal(1, margins.RocAuc().Value);
        var constant = BinaryScores.Of([0.5, 0.5, -0.0 + 0.5], [0, 1, 1]);
        Assert.Equal((0.5, 0.0), (constant.RocAuc().Value, constant.KolmogorovSmirnov().Value));
    }

    [Fact]
    public void Descending_OfAnyNumbers_IsAStableSort()
    {
        var random = new SplitMix64(1);
        foreach (var kind in Enumerable.Range(0, 7))
        {
            foreach (var count in new[] { 0, 1, 2, 30, 5000, 70_000 })
            {
                double[] numbers = [.. Enumerable.Range(0, count).Select(i => Number(kind, i, random.Next()))];
                int[] expected = [.. Enumerable.Range(0, count).OrderByDescending(i => numbers[i])];
                Assert.Equal(expected, ScoreOrder.Descending(numbers));
            }
        }

        static double Number(int kind, int i, ulong bits) => kind switch
        {
            0 => (bits >> 11) * Math.Pow(2, -53),
            1 => BitConverter.UInt64BitsToDouble(bits) is var any && double.IsFinite(any) ? any : -0.0,
            2 => bits % 3 == 0 ? -0.0 : 0.0,
            3 => (float)((bits >> 40) * 1e-7),
            4 => i,
            5 => -i,
            _ => 0.5 + ((bits % 1000) * 1e-16 * 1.11),
        };
    }

    [Fact]
    public void BinnedScores_OfRows_AreWithinTheirBounds()
    {
        var (scores, labels, weights) = Rows(20_000, 9, decimals: 15);
        var exact = BinaryScores.Of(scores, labels, weights);
        var (binned, first) = (new BinnedScores(1000), new BinnedScores(1000));
        first.Add(scores.AsSpan(0, 9000), labels.AsSpan(0, 9000), weights.AsSpan(0, 9000));
        binned.Add(scores.AsSpan(9000), labels.AsSpan(9000), weights.AsSpan(9000));
        first.Merge(binned);
        var error = first.RocAucError().Value;
        Assert.InRange(error, 1e-6, 2e-3);
        Assert.InRange(first.RocAuc().Value, exact.RocAuc().Value - error, exact.RocAuc().Value + error);
        Assert.Equal(exact.LogLoss().Value, first.LogLoss().Value, 1e-12);
        Assert.Equal(exact.Brier().Value, first.Brier().Value, 1e-12);
        Assert.Equal(exact.ExpectedCalibrationError(10).Value, first.CalibrationCurve(10).ExpectedError.Value, 1e-9);
        Assert.Equal(exact.AveragePrecision().Value, first.AveragePrecision().Value, 1e-2);
        Assert.True(first.KolmogorovSmirnov().Value <= exact.KolmogorovSmirnov().Value + 1e-12);
        Assert.Throws<ArgumentException>(() => first.Add(1.5, true));
        Assert.Throws<ArgumentException>(() => first.Add(0.5, true, -1));
        Assert.Throws<ArgumentException>(() => first.Merge(new BinnedScores(10)));
        Assert.False(new BinnedScores().RocAuc().IsDefined || new BinnedScores().LogLoss().IsDefined || new BinnedScores().RocAucError().IsDefined);
    }

    [Fact]
    public void Curves_ThinnedOut_KeepTheirEnds()
    {
        var (scores, labels, _) = Rows(5000, 13, decimals: 15);
        var curve = BinaryScores.Of(scores, labels).RocCurve();
        var thin = curve.Thin(100);
        Assert.InRange(thin.Points.Count, 80, 100);
        Assert.Equal((curve.Points[0], curve.Points[^1]), (thin.Points[0], thin.Points[^1]));
        Assert.Equal(curve.Area.Value, thin.Area.Value, 1e-2);
        var lift = BinaryScores.Of(scores, labels).LiftCurve();
        Assert.Equal((0.0, 1.0), (lift.GainAt(0).Value, lift.GainAt(1).Value));
        Assert.True(lift.GainAt(0.1).Value > 0.1);
        Assert.InRange(BinaryScores.Of(scores, labels).PrecisionRecallCurve().Thin(50).Points.Count, 2, 50);
    }

    internal static (double[] Scores, double[] Labels, double[] Weights) Rows(int count, ulong seed, int decimals)
    {
        var random = new SplitMix64(seed);
        var (scores, labels, weights) = (new double[count], new double[count], new double[count]);
        for (var i = 0; i < count; i++)
        {
            scores[i] = Math.Round((random.Next() >> 11) * Math.Pow(2, -53), decimals);
            labels[i] = (random.Next() >> 11) * Math.Pow(2, -53) < 0.2 + (0.6 * scores[i]) ? 1 : 0;
            weights[i] = (random.Next() % 5) / 2.0;
        }

        return (scores, labels, weights);
    }

    private static double?[] Figures(BinaryScores scores)
        => [
            scores.RocAuc().ValueOrNull, scores.RocAuc(0.2).ValueOrNull, scores.AveragePrecision().ValueOrNull, scores.PrecisionRecallArea().ValueOrNull, scores.KolmogorovSmirnov().ValueOrNull,
            scores.LogLoss().ValueOrNull, scores.Brier().ValueOrNull, scores.ExpectedCalibrationError().ValueOrNull, scores.MaximumCalibrationError(5).ValueOrNull,
        ];

    private static string Describe(BinaryFigures figures) => string.Join("; ", new[]
    {
        figures.RocAuc, figures.AveragePrecision, figures.PrecisionRecallArea, figures.KolmogorovSmirnov, figures.LogLoss, figures.Brier, figures.Calibration.ExpectedError,
        figures.Confusion.Accuracy(), figures.Confusion.F1(1),
    }.Select(value => value.ValueOrNull?.ToString("R", System.Globalization.CultureInfo.InvariantCulture) ?? value.UndefinedReason)) + $"; {figures.RowCount}";
}
