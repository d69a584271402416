namespace Mlops.Models;

/// <summary>How a part of a date is written as features.</summary>
public enum DateEncoding
{
    /// <summary>As the number itself: one element.</summary>
    Number,

    /// <summary>1 at the position of the value and 0 elsewhere: an element for each value that the part can have.</summary>
    OneHot,

    /// <summary>Sine and cosine of 2π (value − least value) ÷ number of values: two elements, so that the last value is next to the first.</summary>
    Cyclic,
}
