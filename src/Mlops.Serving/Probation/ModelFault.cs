using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Tells the failures of a model from those of its callers.</summary>
internal static class ModelFault
{
    /// <summary>A model is free to join inputs of different rows; it says itself what does not fit.</summary>
    private static readonly Func<int, bool> s_anyRows = _ => true;

    /// <summary>Whether the model is to blame for the failure of a prediction that was not cancelled by its caller.</summary>
    public static bool IsCauseOf(Exception error, ModelSignature signature, TensorBatch inputs, TensorBatch outputs)
    {
        // A rejection was no attempt; a disposed or missing batch, and a row that the model names, are what the caller gave.
        if (error is PredictionRejectedException or ArgumentException or ObjectDisposedException or PredictionFailedException { Row: not null }) return false;
        if (error is not PredictionFailedException) return true;
        try
        {
            PredictionChecks.CheckInputs(signature, inputs, "", s_anyRows);
            PredictionChecks.CheckOutputs(signature, inputs, outputs, "", s_anyRows);
            return true;
        }
        catch (Exception mistake) when (mistake is PredictionFailedException or ObjectDisposedException)
        {
            return false;
        }
    }
}
