#include "base/octet.h"

/* One letter a class, so that the table below reads as columns of the ASCII chart. */
#define N OCTET_NUL
#define C OCTET_CONTROL
#define R OCTET_CR
#define L OCTET_LF
#define W OCTET_WSP
#define S (OCTET_GRAPHIC | OCTET_ATEXT) /* but no xchar */
#define G (OCTET_GRAPHIC | OCTET_XCHAR)
#define T (G | OCTET_ATEXT)
#define D (T | OCTET_DIGIT | OCTET_HEX_UPPER)
#define A (T | OCTET_ALPHA)
#define H (T | OCTET_ALPHA | OCTET_HEX_UPPER)
#define E OCTET_EIGHT_BIT

/* clang-format off */
const uint16_t base_octet_class[256] = {
    N, C, C, C, C, C, C, C, C, W, L, C, C, R, C, C, /* 00 */
    C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, C, /* 10 */
    W, T, G, T, T, T, T, T, G, G, T, S, G, T, G, T, /* 20   ! " # $ % & ' ( ) * + , - . / */
    D, D, D, D, D, D, D, D, D, D, G, G, G, S, G, T, /* 30 0-9 : ; < = > ? */
    G, H, H, H, H, H, H, A, A, A, A, A, A, A, A, A, /* 40 @ A-O */
    A, A, A, A, A, A, A, A, A, A, A, G, G, G, T, T, /* 50 P-Z [ \ ] ^ _ */
    T, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A, /* 60 ` a-o */
    A, A, A, A, A, A, A, A, A, A, A, T, T, T, T, C, /* 70 p-z { | } ~ DEL */
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, /* 80 */
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
    E, E, E, E, E, E, E, E, E, E, E, E, E, E, E, E,
};
/* clang-format on */
