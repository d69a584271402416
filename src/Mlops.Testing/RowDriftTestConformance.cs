using Mlops.Monitoring;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every drift test on rows keeps to: a verdict for any data, few false alarms, and the power to find a clear change.</summary>
public abstract class RowDriftTestConformance
{
    private const int Trials = 200;
    private const int TrialRows = 100;
    private const int Width = 4;

    /// <summary>Gets all verdicts that are allowed where the data are too few or too strange.</summary>
    private static readonly DriftVerdict[] s_untestable = [DriftVerdict.NotEnoughData, DriftVerdict.NotComputable];

    /// <summary>Creates the test.</summary>
    /// <returns>The test.</returns>
    protected abstract IRowDriftTest CreateTest();

    /// <summary>Changes rows so clearly that the test must find it: unless overridden, by one standard deviation in every column.</summary>
    /// <param name="row">A row of normal values that depend on each other, changed in place.</param>
    protected virtual void Change(Span<double> row)
    {
        foreach (ref var value in row) value++;
    }

    /// <summary>Without drift, a test at 5 % raises about 5 % false alarms, not several times that.</summary>
    [Fact]
    public void Test_SamePopulation_RaisesFewFalseAlarms()
    {
        var (test, alarms) = (CreateTest(), 0);
        var options = new DriftTestOptions { MinimumEffect = 0 };
        for (var trial = 0; trial < Trials; trial++)
            alarms += test.Test(Rows(2 * trial, TrialRows), Rows((2 * trial) + 1, TrialRows), options).Verdict == DriftVerdict.Drift ? 1 : 0;

        // Three standard deviations of the count above its expectation.
        var limit = (0.05 * Trials) + (3 * Math.Sqrt(0.05 * 0.95 * Trials));
        Assert.True(alarms <= limit, $"{alarms} of {Trials} without drift");
    }

    /// <summary>A clear change is found, and the effect lies in its interval.</summary>
    [Fact]
    public void Test_ClearChange_FindsIt()
    {
        for (var trial = 0; trial < 10; trial++)
        {
            var result = CreateTest().Test(Rows(2 * trial, 2 * TrialRows), Changed((2 * trial) + 1, 2 * TrialRows));
            Assert.True(result.Verdict == DriftVerdict.Drift, result.ToString());
            if (result.EffectInterval is not { } interval) continue;
            Assert.InRange(result.Effect!.Value, interval.Lower, interval.Upper);
        }
    }

    /// <summary>A difference below the minimum effect is not drift, however certain it is.</summary>
    [Fact]
    public void Test_EffectBelowMinimum_IsNoDrift()
        => Assert.Equal(DriftVerdict.NoDrift, CreateTest().Test(Rows(1, TrialRows), Changed(2, TrialRows), new DriftTestOptions { MinimumEffect = 1e6 }).Verdict);

    /// <summary>Too few rows are said to be too few.</summary>
    /// <param name="count">The number of rows.</param>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(19)]
    public void Test_TooFewRows_SaysSo(int count)
    {
        var (many, few) = (Rows(1, 100), Rows(2, count));
        Assert.All([CreateTest().Test(many, few), CreateTest().Test(few, many), CreateTest().Test(few, few)], result =>
        {
            Assert.Equal(DriftVerdict.NotEnoughData, result.Verdict);
            Assert.Null(result.PValue);
            Assert.NotEmpty(result.Reason);
        });
    }

    /// <summary>Two rows of each, where so few are allowed, give a verdict.</summary>
    /// <param name="count">The number of rows.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Test_FewRowsAllowed_GivesFiniteFigures(int count)
        => RequireFinite(CreateTest().Test(Rows(1, count), Rows(2, count), new DriftTestOptions { MinimumCount = 1 }));

    /// <summary>Equal rows everywhere are no drift, or not computable.</summary>
    [Fact]
    public void Test_AllEqual_IsNoDrift()
    {
        var equal = new RowSet(Enumerable.Repeat(3.7, 100 * Width).ToArray(), Width);
        var result = CreateTest().Test(equal, equal);
        Assert.True(result.Verdict is DriftVerdict.NoDrift or DriftVerdict.NotComputable, result.ToString());
    }

    /// <summary>Rows that all lack a value cannot be tested.</summary>
    [Fact]
    public void Test_AllMissing_IsNotTestable()
    {
        var missing = new RowSet(Rows(2, 100).Values.ToArray().Select((value, i) => i % Width == 0 ? double.NaN : value).ToArray(), Width);
        Assert.Contains(CreateTest().Test(Rows(1, 100), missing).Verdict, s_untestable);
        Assert.Contains(CreateTest().Test(missing, missing).Verdict, s_untestable);
    }

    /// <summary>Infinite and missing values among others make their rows missing.</summary>
    [Fact]
    public void Test_InfiniteValues_CountsRowsAsMissing()
    {
        var strange = Rows(2, 100).Values.ToArray();
        (strange[0], strange[Width], strange[2 * Width]) = (double.PositiveInfinity, double.NegativeInfinity, double.NaN);
        var result = CreateTest().Test(Rows(1, 100), new RowSet(strange, Width));
        RequireFinite(result);
        Assert.Equal(97, result.CurrentCount);
    }

    /// <summary>Values at the ends of the range of numbers give a verdict with finite figures.</summary>
    /// <param name="factor">The size of the values.</param>
    [Theory]
    [InlineData(1e300)]
    [InlineData(1e-300)]
    [InlineData(3e307)]
    public void Test_ExtremeValues_GivesFiniteFigures(double factor)
    {
        RowSet Scale(RowSet rows) => new(rows.Values.ToArray().Select(value => Math.Clamp(value, -5, 5) * factor).ToArray(), Width);
        RequireFinite(CreateTest().Test(Scale(Rows(1, 60)), Scale(Rows(2, 60))));
        RequireFinite(CreateTest().Test(Rows(1, 60), Scale(Rows(2, 60))));
        RequireFinite(CreateTest().Test(Scale(Rows(1, 60)), Rows(2, 60)));
    }

    /// <summary>A constant column beside others, and one that is constant on either side but differs, give a verdict with finite figures.</summary>
    /// <param name="other">The current value of the column.</param>
    [Theory]
    [InlineData(1.1)]
    [InlineData(2.2)]
    public void Test_ConstantColumn_GivesFiniteFigures(double other)
    {
        static RowSet Fix(RowSet rows, double constant) => new(rows.Values.ToArray().Select((value, i) => i % Width == 1 ? constant : value).ToArray(), Width);
        RequireFinite(CreateTest().Test(Fix(Rows(1, 60), 1.1), Fix(Rows(2, 60), other)));
    }

    /// <summary>The same rows give the same result, in whatever order they come, and -0 is 0.</summary>
    [Fact]
    public void Test_SameRowsInAnotherOrder_GivesSameResult()
    {
        var (reference, current) = (Rows(1, 150), Changed(2, 150));
        double[] reversed = [.. current.Values.ToArray().Chunk(Width).Reverse().SelectMany(row => row)];
        var result = CreateTest().Test(reference, current);
        Assert.Equal(result, CreateTest().Test(reference, current));
        Assert.Equal(result, CreateTest().Test(reference, new RowSet(reversed, Width)));
        var zeros = current.Values.ToArray();
        var negative = zeros.ToArray();
        for (var i = 0; i < zeros.Length; i += 3) (zeros[i], negative[i]) = (0.0, -0.0);
        Assert.Equal(CreateTest().Test(reference, new RowSet(zeros, Width)), CreateTest().Test(reference, new RowSet(negative, Width)));
    }

    /// <summary>Rows of different widths are a mistake of the caller.</summary>
    [Fact]
    public void Test_DifferentWidths_Throws()
        => Assert.Throws<ArgumentException>(() => CreateTest().Test(Rows(1, 30), new RowSet(new double[90], 3)));

    /// <summary>Cancelling ends the computation.</summary>
    [Fact]
    public void Test_Cancelled_Throws()
        => Assert.ThrowsAny<OperationCanceledException>(() => CreateTest().Test(Rows(1, 100), Rows(2, 100), null, new CancellationToken(true)));

    private static void RequireFinite(DriftResult result)
    {
        Assert.True(Enum.IsDefined(result.Verdict));
        Assert.NotEmpty(result.Reason);
        Assert.All(new[] { result.Statistic, result.PValue, result.Effect, result.Threshold }, figure => Assert.True(figure is null || double.IsFinite(figure.Value)));
        Assert.True(result.PValue is null or (>= 0 and <= 1), result.ToString());
        Assert.True(result.Effect is null or >= 0, result.ToString());
    }

    private RowSet Changed(int seed, int count)
    {
        var values = Rows(seed, count).Values.ToArray();
        for (var row = 0; row < count; row++) Change(values.AsSpan(row * Width, Width));
        return new RowSet(values, Width);
    }

    private static RowSet Rows(int seed, int count)
    {
        // Random of neighbouring seeds is not independent, so they are spread.
        var random = new Random((int)((seed + 1) * 2654435761L % int.MaxValue));
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var values = new double[count * Width];
        for (var row = 0; row < count; row++)
        {
            var shared = Normal();
            for (var k = 0; k < Width; k++) values[(row * Width) + k] = (0.6 * shared) + (0.8 * Normal());
        }

        return new RowSet(values, Width);
    }
}
