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
        const string floor = "C API, values made for each call";
        var predictions = new SinglePredictionBenchmarks { Model = kind };
        predictions.Setup();
        new PairedComparison($"One row of 10 numbers, {kind}", PredictionCalls)
            .Add(floor, times =>
            {
                for (var i = 0; i < times; i++) predictions.RawValuesMade();
            })
            .Add("C API, values kept", times =>
            {
                for (var i = 0; i < times; i++) predictions.RawValuesKept();
            }, floor)
            .Add("tensors", times =>
            {
                for (var i = 0; i < times; i++) predictions.Tensors().GetAwaiter().GetResult();
            }, floor)
            .Add("typed", times =>
            {
                for (var i = 0; i < times; i++) predictions.Typed().GetAwaiter().GetResult();
            }, floor)
            .Run(rounds);
    }

    private static void CompareDecorators(int rounds)
    {
        var decorators = new DecoratorBenchmarks();
        decorators.Setup();
        new PairedComparison("Decorators", DecoratedCalls)
            .Add("bare", times =>
            {
                for (var i = 0; i < times; i++) decorators.Bare().GetAwaiter().GetResult();
            })
            .Add("passed through once", times =>
            {
                for (var i = 0; i < times; i++) decorators.PassThroughOnce().GetAwaiter().GetResult();
            }, "bare")
            .Add("leased, unwatched", times =>
            {
                for (var i = 0; i < times; i++) decorators.LeasedUnwatched().GetAwaiter().GetResult();
            }, "bare")
            .Add("leased", times =>
            {
                for (var i = 0; i < times; i++) decorators.Leased().GetAwaiter().GetResult();
            }, "leased, unwatched")
            .Add("hosted, unwatched", times =>
            {
                for (var i = 0; i < times; i++) decorators.HostedUnwatched().GetAwaiter().GetResult();
            }, "leased, unwatched")
            .Add("hosted", times =>
            {
                for (var i = 0; i < times; i++) decorators.Hosted().GetAwaiter().GetResult();
            }, "hosted, unwatched")
            .Add("batching, nobody else", times =>
            {
                for (var i = 0; i < times; i++) decorators.Batching().GetAwaiter().GetResult();
            }, "bare")
            .Run(rounds);
    }
}
