using Mlops.Models;

namespace Mlops.Serving;

/// <summary>Tells the failures of a model from those of its callers.</summary>
internal static class ModelFault
{
    /// <summary>A model is free to join inputs of different rows; it says itself what does not fit.</summary>
    private static readonly Func<int, bool> s_anyRows = _ => true;

    /// <summary>Whether the model is to blame for the failure of a prediction that was not cancelled by its caller.</summary>
    /// <remarks>Only what can be seen of the call itself excuses a model. What its exception says does not: one that fails for every row can name a row each time.</remarks>
    public static bool IsCauseOf(Exception error, ModelSignature signature, TensorBatch inputs, TensorBatch outputs)
    {
        // A rejection was no attempt.
        if (error is PredictionRejectedException) return false;
        try
        {
            PredictionChecks.CheckInputs(signature, inputs, "", s_anyRows);
            return AreOf(signature.Outputs, inputs, outputs);
        }
        catch (Exception mistake) when (mistake is PredictionFailedException or ObjectDisposedException)
        {
            return false;
        }
    }

    /// <summary>Whether outputs were rented for a model of such ones. Their shape by now is the model's doing.</summary>
    private static bool AreOf(IReadOnlyList<TensorSpec> specs, TensorBatch inputs, TensorBatch outputs)
    {
        if (outputs.Count != specs.Count || (outputs.Rows != inputs.Rows && inputs.Count > 0)) return false;
        for (var slot = 0; slot < specs.Count; slot++)
        {
            var (own, spec) = (outputs[slot].Spec, specs[slot]);
            if (own.ElementType != spec.ElementType || own.Shape.Count != spec.Shape.Count) return false;
            for (var i = 1; i < own.Shape.Count; i++)
            {
                if (own.Shape[i] >= 0 && spec.Shape[i] >= 0 && own.Shape[i] != spec.Shape[i]) return false;
            }
        }

        return true;
    }
}
