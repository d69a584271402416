using Mlops.Monitoring;
using Xunit;

namespace Mlops.Testing;

/// <summary>What every streaming detector keeps to: few false alarms, a short delay, and a state that can be stored.</summary>
public abstract class DriftDetectorConformance
{
    private const int StreamLength = 2000;

    /// <summary>Creates a detector.</summary>
    /// <returns>A new detector, always of the same settings.</returns>
    protected abstract IDriftDetector CreateDetector();

    /// <summary>Gets a value of the stream.</summary>
    /// <param name="random">Where its chance comes from.</param>
    /// <param name="hasChanged">Whether the stream has clearly changed.</param>
    /// <returns>The value.</returns>
    protected abstract double NextValue(Random random, bool hasChanged);

    /// <summary>Gets the largest number of values after a clear change within which it must be found.</summary>
    protected abstract int MaximumDelay { get; }

    /// <summary>Gets the largest number of false alarms in twenty streams of 2000 values without a change.</summary>
    protected virtual int MaximumFalseAlarms => 2;

    /// <summary>A stream that does not change raises few alarms.</summary>
    [Fact]
    public void Update_StationaryStream_RaisesFewFalseAlarms()
    {
        var alarms = 0;
        for (var seed = 0; seed < 20; seed++)
        {
            var detector = CreateDetector();
            var random = new Random(seed);
            for (var i = 0; i < StreamLength; i++)
            {
                if (detector.Update(NextValue(random, false)) == DriftState.Drift) alarms++;
            }
        }

        Assert.True(alarms <= MaximumFalseAlarms, $"{alarms} false alarms");
    }

    /// <summary>A clear change is found within the stated delay, in every stream.</summary>
    [Fact]
    public void Update_ClearChange_FindsItWithinDelay()
    {
        for (var seed = 100; seed < 120; seed++)
        {
            var detector = CreateDetector();
            var random = new Random(seed);
            for (var i = 0; i < StreamLength; i++) detector.Update(NextValue(random, false));
            var delay = 0;
            while (detector.Update(NextValue(random, true)) != DriftState.Drift)
                Assert.True(++delay <= MaximumDelay, $"not found within {MaximumDelay} values, seed {seed}");
        }
    }

    /// <summary>A restored detector decides like the one that was saved, also right after a drift.</summary>
    [Fact]
    public void Restore_AtAnyMoment_DecidesLikeTheOriginal()
    {
        var random = new Random(7);
        var original = CreateDetector();
        var restored = CreateDetector();
        for (var i = 0; i < 2 * StreamLength; i++)
        {
            if (i % 37 == 0)
            {
                var state = DetectorState.FromJson(original.Save().ToJson());
                restored = CreateDetector();
                restored.Restore(state);
            }

            var value = NextValue(random, i / 700 % 2 == 1);
            Assert.Equal(original.Update(value), restored.Update(value));
        }
    }

    /// <summary>A saved state does not change with later updates.</summary>
    [Fact]
    public void Save_LaterUpdates_DoNotChangeIt()
    {
        var random = new Random(8);
        var detector = CreateDetector();
        for (var i = 0; i < 100; i++) detector.Update(NextValue(random, false));
        var state = detector.Save();
        var before = state.ToJson();
        for (var i = 0; i < 100; i++) detector.Update(NextValue(random, true));
        Assert.Equal(before, state.ToJson());
    }

    /// <summary>After a reset the detector is as new.</summary>
    [Fact]
    public void Reset_AfterValues_IsAsNew()
    {
        var random = new Random(9);
        var detector = CreateDetector();
        for (var i = 0; i < 500; i++) detector.Update(NextValue(random, i > 250));
        detector.Reset();
        Assert.Equal(CreateDetector().Save().ToJson(), detector.Save().ToJson());
    }

    /// <summary>Values that are not finite change nothing.</summary>
    /// <param name="value">The value.</param>
    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void Update_NotFinite_IsIgnored(double value)
    {
        var random = new Random(10);
        var detector = CreateDetector();
        for (var i = 0; i < 100; i++) detector.Update(NextValue(random, false));
        var before = detector.Save().ToJson();
        Assert.Equal(DriftState.Stable, detector.Update(value));
        Assert.Equal(before, detector.Save().ToJson());
    }

    /// <summary>The state of another kind of detector is refused.</summary>
    [Fact]
    public void Restore_AnotherKind_Throws()
    {
        var state = new DetectorState("another kind", new Dictionary<string, double[]>());
        Assert.Throws<ArgumentException>(() => CreateDetector().Restore(state));
    }
}
