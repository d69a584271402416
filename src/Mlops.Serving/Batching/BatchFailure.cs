namespace Mlops.Serving;

/// <summary>What a caller is told of a failure: of the same type on its own thread, alone in a batch and beside others, so that it does not tell how busy the model was.</summary>
internal static class BatchFailure
{
    /// <summary>Whether the exception is none that <see cref="Models.IPredictor"/> promises.</summary>
    public static bool IsForeign(Exception error) => error is not (PredictionFailedException or PredictionRejectedException or ObjectDisposedException);

    /// <summary>For the only caller that has it. The message of what was thrown may tell values of features: it stays in the inner exception.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="model">The model's name.</param>
    /// <param name="firstRow">How many rows further on in the request than in the batch a row is.</param>
    public static Exception Of(Exception error, string model, int firstRow = 0) => error switch
    {
        PredictionFailedException { Row: { } row } failed when firstRow > 0 => new PredictionFailedException(failed.Model, failed.Message, failed) { Row = firstRow + row, IsTransient = failed.IsTransient },
        _ when IsForeign(error) => new PredictionFailedException(model, $"The model '{model}' threw {error.GetType().Name}; the inner exception says why.", error) { IsTransient = error is MlopsException { IsTransient: true } },
        _ => error,
    };

    /// <summary>For one of several callers: an exception is thrown once, so each gets one of its own.</summary>
    public static Exception CopyOf(Exception error, string model) => error switch
    {
        PredictionRejectedException rejected => new PredictionRejectedException(rejected.Message, rejected.RetryAfter, rejected.InnerException),
        ObjectDisposedException disposed => new ObjectDisposedException(disposed.ObjectName, disposed.Message),
        PredictionFailedException failed => new PredictionFailedException(failed.Model, failed.Message, failed) { IsTransient = failed.IsTransient },
        _ => Of(error, model),
    };
}
