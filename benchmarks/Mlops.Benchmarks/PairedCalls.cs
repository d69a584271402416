using System.Globalization;

namespace Mlops.Benchmarks;

/// <summary>What do a single prediction and the decorators of a host cost, when nothing may change between what is compared? <c>paired [rounds]</c>.</summary>
/// <remarks>The same calls as those of <see cref="SinglePredictionBenchmarks"/> and <see cref="DecoratorBenchmarks"/>, which time each for some seconds, one after the other.</remarks>
internal static class PairedCalls
{
    public const string Command = "paired";

    private const int PredictionCalls = 100;
    private const int DecoratedCalls = 5_000;

    public static void Run(string[] arguments)
    {
        var rounds = arguments is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : 4_000;
        foreach (var kind in Enum.GetValues<SinglePredictionBenchmarks.Kind>()) ComparePredictions(kind, rounds);
        CompareDecorators(rounds);
    }

    private static void ComparePredictions(SinglePredictionBenchmarks.Kind kind, int rounds)
    {
        const string made = "C API, values made for each call";
        const string kept = "C API, values kept";
        var predictions = new SinglePredictionBenchmarks { Model = kind };
        predictions.Setup();
        new PairedComparison($"One row of 10 numbers, {kind}", PredictionCalls)
            .Add(made, Repeat(predictions.RawValuesMade))
            .Add(kept, Repeat(predictions.RawValuesKept), made)
            .Add("tensors", Repeat(predictions.Tensors), made, kept)
            .Add("typed", Repeat(predictions.Typed), made, kept)
            .Run(rounds);
    }

    private static void CompareDecorators(int rounds)
    {
        var decorators = new DecoratorBenchmarks();
        decorators.Setup();
        new PairedComparison("Decorators", DecoratedCalls)
            .Add("bare", Repeat(decorators.Bare))
            .Add("passed through once", Repeat(decorators.PassThroughOnce), "bare")
            .Add("leased, unwatched", Repeat(decorators.LeasedUnwatched), "bare")
            .Add("leased", Repeat(decorators.Leased), "leased, unwatched")
            .Add("hosted, unwatched", Repeat(decorators.HostedUnwatched), "leased, unwatched")
            .Add("hosted", Repeat(decorators.Hosted), "hosted, unwatched")
            .Add("batching, nobody else", Repeat(decorators.Batching), "bare")
            .Run(rounds);
    }

    private static Action<int> Repeat(Func<float> call) => times =>
    {
        for (var i = 0; i < times; i++) call();
    };

    private static Action<int> Repeat(Func<ValueTask> call) => times =>
    {
        for (var i = 0; i < times; i++) Complete(call());
    };

    private static Action<int> Repeat<T>(Func<ValueTask<T>> call) => times =>
    {
        for (var i = 0; i < times; i++) Complete(call());
    };

    private static void Complete(ValueTask call)
    {
        if (!call.IsCompletedSuccessfully) throw NotDone();
    }

    private static void Complete<T>(ValueTask<T> call)
    {
        if (!call.IsCompletedSuccessfully) throw NotDone();
    }

    private static InvalidOperationException NotDone() => new("A call did not end at once.");
}
