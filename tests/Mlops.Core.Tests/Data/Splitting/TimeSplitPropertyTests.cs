using FsCheck;
using FsCheck.Fluent;
using Mlops.Data;

namespace Mlops.Core.Tests.Data;

/// <summary>Time never runs backwards in a split by time: judged by the definitions, row by row, with unsorted rows and many of the same time.</summary>
public sealed class TimeSplitPropertyTests
{
    private static readonly Gen<TimeSpan> s_spans = Gen.Frequency((1, Gen.Constant(0)), (2, Gen.Choose(0, 60)), (1, Gen.Choose(0, 1000))).Select(minutes => TimeSpan.FromMinutes(minutes));

    private static readonly Gen<(int Folds, TimeSeriesFoldOptions Options)> s_series =
        from folds in Gen.Choose(1, 8)
        from gap in s_spans
        from horizon in s_spans
        from testRows in Gen.Frequency((2, Gen.Constant<long?>(null)), (1, Gen.Choose(1, 40).Select(rows => (long?)rows)))
        from most in Gen.Frequency((2, Gen.Constant<long?>(null)), (1, Gen.Choose(1, 100).Select(rows => (long?)rows)))
        from period in Gen.Frequency((2, Gen.Constant<TimeSpan?>(null)), (1, Gen.Choose(1, 3000).Select(minutes => (TimeSpan?)TimeSpan.FromMinutes(minutes))))
        select (folds, new TimeSeriesFoldOptions { Gap = gap, LabelHorizon = horizon, TestRows = testRows, MaxTrainRows = most, MaxTrainPeriod = period });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void TimeAsync_AnyDataset_NeverGoesBackwards()
    {
        var options = Gen.Zip(SplitCase.AnyOptions.Generator, s_spans);
        Check(options, async (data, pair) =>
        {
            var ((split, gap), parts) = (pair, pair.Item1.ValidationRatio > 0 ? 3 : 2);
            var distinct = data.Moments.OfType<DateTime>().Distinct().Count();
            if (distinct < parts) return;
            int[] partOf;
            try
            {
                partOf = await SplitRows.PartsAsync(await DatasetSplitter.TimeAsync(data.Dataset, split, gap, Token), data.Rows);
            }
            catch (ArgumentException error) when (error.ParamName == "gap")
            {
                Assert.True(gap > TimeSpan.Zero);
                return;
            }

            AssertTimelessAreOut(data, partOf);
            Assert.Equal(parts, partOf.Where(part => part >= 0).Distinct().Count());
            var (train, validation, test) = (Times(data, partOf, 0), Times(data, partOf, 1), Times(data, partOf, 2));
            var later = validation.Length > 0 ? validation : test;
            Assert.True(train[^1] < later[0] && train[^1] + gap < later[0] + (gap == TimeSpan.Zero ? TimeSpan.FromTicks(1) : TimeSpan.Zero));
            if (validation.Length > 0) Assert.True(validation[^1] < test[0] && validation[^1] + gap <= test[0]);
            // Nobody is left out but for the gaps.
            var (first, second) = (later[0], test[0]);
            for (var row = 0; row < data.Rows; row++)
            {
                if (data.Moments[row] is not { } moment) continue;
                var isInGap = (moment >= first - gap && moment < first) || (moment >= second - gap && moment < second);
                Assert.Equal(isInGap && moment < second, partOf[row] < 0);
            }

            // Cut at the nearest change of time, unless another part needs that one.
            var largest = data.Moments.OfType<DateTime>().CountBy(moment => moment).Max(moment => moment.Value);
            var dated = data.Moments.Count(moment => moment is not null);
            Assert.InRange(test.Length - (split.TestRatio * dated), -largest - parts, largest + parts + (largest * parts));
        });
    }

    [Fact]
    public void TimeSeriesFoldsAsync_AnyDataset_TrainsOnWhatWasKnownAlone() => Check(s_series, async (data, pair) =>
    {
        var (folds, options) = pair;
        IReadOnlyList<DatasetFold> result;
        try
        {
            result = await DatasetSplitter.TimeSeriesFoldsAsync(data.Dataset, folds, options, Token);
        }
        catch (Exception error) when (error is ArgumentException or DataFormatException)
        {
            AssertHasReason(data, folds, options);
            return;
        }

        Assert.Equal(folds, result.Count);
        var previousEnd = DateTime.MinValue;
        foreach (var fold in result)
        {
            var (trainIds, testIds) = (await SplitRows.IdsAsync(fold.Train), await SplitRows.IdsAsync(fold.Test));
            var (train, test) = (trainIds.Select(id => data.Moments[id]!.Value).Order().ToArray(), testIds.Select(id => data.Moments[id]!.Value).Order().ToArray());
            Assert.NotEmpty(train);
            Assert.NotEmpty(test);
            Assert.True(test[0] > previousEnd);
            previousEnd = test[^1];
            // The test is all rows of its period; no time is torn apart.
            Assert.Equal(data.Moments.Index().Where(row => row.Item >= test[0] && row.Item <= test[^1]).Select(row => row.Index), testIds);
            Assert.True(train[^1] < test[0] - options.LabelHorizon - options.Gap, "Every label was settled before the gap.");
            if (options.MaxTrainRows is { } most) Assert.True(train.Length <= most);
            if (options.MaxTrainPeriod is { } period) Assert.True(train[0] >= test[0] - options.LabelHorizon - options.Gap - period);
            // Everything else before it is learned from.
            var usable = data.Moments.OfType<DateTime>().Where(moment => moment < test[0] - options.LabelHorizon - options.Gap
                && (options.MaxTrainPeriod is not { } longest || moment >= test[0] - options.LabelHorizon - options.Gap - longest)).OrderDescending().ToArray();
            var expected = usable;
            if (options.MaxTrainRows is { } limit && usable.Length > limit)
                expected = [.. usable.Where(moment => usable.Count(other => other >= moment) <= limit)];
            Assert.Equal(expected.Order(), train);
        }

        Assert.Equal(data.Moments.Max(), previousEnd);
    });

    [Fact]
    public void PurgedKFoldAsync_AnyDataset_NoLabelOverlaps()
    {
        var arguments = Gen.Zip(Gen.Choose(2, 8), Gen.Zip(s_spans, s_spans));
        Check(arguments, async (data, argument) =>
        {
            var (folds, (horizon, embargo)) = argument;
            IReadOnlyList<DatasetFold> result;
            try
            {
                result = await DatasetSplitter.PurgedKFoldAsync(data.Dataset, folds, horizon, embargo, Token);
            }
            catch (Exception error) when (error is ArgumentException or DataFormatException)
            {
                Assert.True(data.Moments.OfType<DateTime>().Distinct().Count() < folds || horizon + embargo > TimeSpan.Zero);
                return;
            }

            AssertTimelessAreOut(data, await SplitRows.FoldsAsync(result, data.Rows, isTrainTheRest: false));
            foreach (var fold in result)
            {
                var test = (await SplitRows.IdsAsync(fold.Test)).Select(id => data.Moments[id]!.Value).Order().ToArray();
                // Labels are [t, t + horizon]; those of the test span [first, last + horizon], and after that comes the embargo.
                var expected = data.Moments.Index().Where(row => row.Item is { } moment
                    && (moment + horizon < test[0] || moment > test[^1] + horizon + embargo)).Select(row => row.Index);
                Assert.Equal(expected, await SplitRows.IdsAsync(fold.Train));
            }
        });
    }

    private static void AssertTimelessAreOut(SplitCase data, int[] parts)
        => Assert.All(data.Moments.Index().Where(row => row.Item is null), row => Assert.Equal(-1, parts[row.Index]));

    private static void AssertHasReason(SplitCase data, int folds, TimeSeriesFoldOptions options)
    {
        var moments = data.Moments.OfType<DateTime>().ToArray();
        var isTooShort = moments.Distinct().Count() <= folds || (options.TestRows ?? 0) * folds >= moments.Length;
        Assert.True(isTooShort || options.Gap + options.LabelHorizon > TimeSpan.Zero || options.MaxTrainRows is not null || options.MaxTrainPeriod is not null);
    }

    private static DateTime[] Times(SplitCase data, int[] partOf, int part) => [.. data.Moments.Index().Where(row => partOf[row.Index] == part).Select(row => row.Item!.Value).Order()];

    private static void Check<T>(Gen<T> second, Func<SplitCase, T, Task> property)
        => Prop.ForAll(SplitCase.Any, second.ToArbitrary(), (data, other) => property(data, other).GetAwaiter().GetResult()).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
}
