using Mlops.Models;
using Mlops.Testing;

namespace Mlops.Serving.Tests.Observation;

public sealed class SamplingObserverTests
{
    private static readonly ModelSignature s_signature = new([TensorSpec.Of<float>("x")], [TensorSpec.Of<float>("y")]);

    private readonly RecordedCalls _seen = new();

    /// <summary>So that programs in other languages choose the same. Computed by an implementation of FNV-1a and of the finish of SplitMix64 in Python.</summary>
    [Theory]
    [InlineData("user 1", 0.006729868775458336)]
    [InlineData("Grüße", 0.4405369670477427)]
    [InlineData("", 0.5457431654464888)]
    public void FractionOf_KnownKeys_IsTheStatedOne(string key, double expected)
        => Assert.Equal(expected, SamplingObserver.FractionOf(key, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")));

    [Fact]
    public void OnPredicted_SameKeysInSeveralObservers_AreChosenTogetherAndLargerSharesContainSmallerOnes()
    {
        string[] Chosen(double ratio)
        {
            var observer = new SamplingObserver(_seen, new PredictionSamplingOptions { Ratio = ratio });
            return [.. Enumerable.Range(0, 10_000).Select(i => $"user {i}").Where(key =>
            {
                var before = _seen.Calls.Count;
                Observe(observer, new PredictionContext { RouteKey = key });
                return _seen.Calls.Count > before;
            })];
        }

        var (small, large) = (Chosen(0.1), Chosen(0.3));
        Assert.Equal(small, Chosen(0.1));
        Assert.Subset(large.ToHashSet(), small.ToHashSet());
        // Six standard deviations of the binomial distribution.
        Assert.InRange(small.Length, 1000 - 180, 1000 + 180);
        Assert.InRange(large.Length, 3000 - 275, 3000 + 275);
        Assert.Empty(Chosen(0));
        Assert.Equal(10_000, Chosen(1).Length);
    }

    [Fact]
    public void OnPredicted_NeitherKeyNorId_SetsAnIdByWhichOthersChooseTheSame()
    {
        var observer = new SamplingObserver(_seen, new PredictionSamplingOptions { Ratio = 0.5 }, new ManualTimeProvider());
        for (var call = 0; call < 400; call++)
        {
            var context = new PredictionContext();
            var before = _seen.Calls.Count;
            Observe(observer, context);
            Assert.NotEqual(Guid.Empty, context.Id);
            Assert.Equal(SamplingObserver.FractionOf(null, context.Id) < 0.5, _seen.Calls.Count > before);
        }

        Assert.InRange(_seen.Calls.Count, 200 - 60, 200 + 60);
    }

    [Fact]
    public void OnFailed_KeepFailures_TellsOfAllOrOfTheShare()
    {
        var keeps = new SamplingObserver(_seen, new PredictionSamplingOptions { Ratio = 0 });
        keeps.OnFailed(new PredictionContext(), new TimeoutException(), default);
        Observe(keeps, new PredictionContext());
        Assert.Equal(["TimeoutException"], _seen.Calls);
        new SamplingObserver(_seen, new PredictionSamplingOptions { Ratio = 0, KeepFailures = false }).OnFailed(new PredictionContext(), new TimeoutException(), default);
        Assert.Single(_seen.Calls);
    }

    [Fact]
    public void Constructor_BadArguments_AreRefused()
    {
        Assert.Throws<ArgumentNullException>(() => new SamplingObserver(null!, new PredictionSamplingOptions()));
        Assert.Throws<ArgumentNullException>(() => new SamplingObserver(_seen, null!));
        foreach (var ratio in new[] { -0.1, 1.1, double.NaN }) Assert.Throws<ArgumentOutOfRangeException>(() => new SamplingObserver(_seen, new PredictionSamplingOptions { Ratio = ratio }));
        Assert.Throws<ArgumentNullException>(() => new RedactingObserver(null!, new RedactionOptions()));
        Assert.Throws<ArgumentNullException>(() => new RedactingObserver(_seen, null!));
    }

    private static void Observe(SamplingObserver observer, PredictionContext context)
    {
        using var inputs = s_signature.RentInputs(1);
        using var outputs = s_signature.RentOutputs(1);
        (inputs.Get<float>(0).Span[0], outputs.Get<float>(0).Span[0]) = (1, 2);
        observer.OnPredicted(inputs, outputs, context, TimeSpan.Zero);
    }
}
