namespace Mlops.Models;

/// <summary>Keeps the contexts of calls that gave none. One for each thread, and some for calls that end on another thread than they began on.</summary>
/// <remarks>Not part of <see cref="TypedPredictor{TInput,TOutput}"/>, of which there are as many as there are pairs of row types.</remarks>
internal static class PredictionContextPool
{
    private static readonly SlotPool<PredictionContext> s_kept = new(Math.Max(16, 4 * Environment.ProcessorCount));

    [ThreadStatic]
    private static PredictionContext? t_kept;

    /// <summary>Takes a context that is as new.</summary>
    public static PredictionContext Rent()
    {
        var context = t_kept ?? s_kept.TryRent();
        if (context is null) return new PredictionContext();
        t_kept = null;
        context.Reset();
        return context;
    }

    public static void Return(PredictionContext context)
    {
        if (t_kept is null) t_kept = context;
        else s_kept.TryReturn(context);
    }
}
